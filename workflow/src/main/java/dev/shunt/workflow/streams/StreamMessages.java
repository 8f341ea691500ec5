package dev.shunt.workflow.streams;

/**
 * Messages of streams by which those who stop them know them again: the services that write them,
 * and the tablets that take them away. FROZEN is Vitess's.
 */
public final class StreamMessages {
  /** Of a stream whose writes were switched away. */
  public static final String FROZEN = "FROZEN";

  /** Of streams that wait for the end of a switch. */
  public static final String CUTOVER = "stopped for cutover";

  /** Of streams that were written ahead of the journal of a switch, until it stands. */
  public static final String DRAFT = "for cutover";

  /** Of a stream that waits for the end of a diff. */
  public static final String DIFF = "for vdiff";

  /** Of a stream that a diff lets run to a position. */
  public static final String DIFF_CATCH_UP = "synchronizing for vdiff";

  private StreamMessages() {}
}
