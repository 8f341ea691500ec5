package dev.shunt.schemas;

/** What tablets report of their streams; the values of shunt.streams. */
public sealed interface StreamEvent extends Message permits StreamReported, StreamRemoved {
  /** Target keyspace. */
  String keyspace();

  /** Workflow of the stream. */
  String workflow();

  /** When it was seen, milliseconds since the epoch. */
  long at();
}
