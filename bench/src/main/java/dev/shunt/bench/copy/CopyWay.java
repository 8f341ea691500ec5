package dev.shunt.bench.copy;

/**
 * A way of getting the tables into the target, which has none of them before. What stays of it is
 * removed by {@link #cleanUp}, except for the tables.
 */
interface CopyWay {
  /** Name in figures. */
  String name();

  /** Whether tablets take part in it, so that what they use counts. */
  default boolean usesTablets() {
    return false;
  }

  /** Whether it is a tool of others, whose failure is reported and does not end the benchmark. */
  default boolean foreign() {
    return false;
  }

  /** Does it; this is what is measured. */
  void copy() throws Exception;

  /** Removes what is not the tables; is not measured, and comes after a failure too. */
  default void cleanUp() {}
}
