package dev.shunt.schemas.setup;

import java.time.Instant;

/** What stands first on the cluster's own topic, which is the one that counts. */
sealed interface FirstRecord {
  /** Nothing: the cluster is new, or is one of a version that wrote no record. */
  record Missing() implements FirstRecord {}

  /**
   * The record.
   *
   * @param at when it was written
   */
  record Written(ClusterRecord record, Instant at) implements FirstRecord {}

  /**
   * Something else.
   *
   * @param why a clause that says what is wrong with it
   */
  record Foreign(String why) implements FirstRecord {}
}
