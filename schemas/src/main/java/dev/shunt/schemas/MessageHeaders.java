package dev.shunt.schemas;

/** Names of the record headers; their values are UTF-8 text. */
public final class MessageHeaders {
  /** Media type of the value. */
  public static final String CONTENT_TYPE = "content-type";

  /** The media type of every value: Avro in Confluent's wire format. */
  public static final String AVRO = "application/vnd.confluent.avro";

  /** Trace context, W3C {@code traceparent}. */
  public static final String TRACEPARENT = "traceparent";

  /** Id of the command that the record is, or that it is about. */
  public static final String COMMAND_ID = "shunt-command-id";

  /** Id of what made the writer write: for an event, the command it is an effect of. */
  public static final String CAUSATION_ID = "shunt-causation-id";

  private MessageHeaders() {}
}
