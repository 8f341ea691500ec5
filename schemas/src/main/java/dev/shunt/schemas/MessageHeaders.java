package dev.shunt.schemas;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** Names of the record headers, and the headers of each kind of record; values are UTF-8 text. */
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

  private static final int LONGEST_TRACEPARENT = 256;

  private MessageHeaders() {}

  /** Of a record that no command caused: a status, a stream report, a change of the topology. */
  public static Headers plain() {
    Headers headers = new RecordHeaders();
    headers.add(CONTENT_TYPE, bytes(AVRO));
    return headers;
  }

  /**
   * Of a command or its task.
   *
   * @param traceparent its trace context; empty when there is none
   */
  public static Headers ofCommand(String commandId, String traceparent) {
    Headers headers = plain();
    headers.add(COMMAND_ID, bytes(commandId));
    if (!traceparent.isEmpty()) {
      headers.add(TRACEPARENT, bytes(traceparent));
    }
    return headers;
  }

  /**
   * Of an event that a command caused.
   *
   * @param traceparent trace context of the command; empty when there is none
   */
  public static Headers ofEvent(String commandId, String traceparent) {
    Headers headers = ofCommand(commandId, traceparent);
    headers.add(CAUSATION_ID, bytes(commandId));
    return headers;
  }

  /** The trace context of a record; empty when it has none, or none that could be passed on. */
  public static String traceparent(Headers headers) {
    Header trace = headers.lastHeader(TRACEPARENT);
    boolean usable =
        trace != null && trace.value() != null && trace.value().length <= LONGEST_TRACEPARENT;
    return usable ? new String(trace.value(), StandardCharsets.UTF_8) : "";
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
