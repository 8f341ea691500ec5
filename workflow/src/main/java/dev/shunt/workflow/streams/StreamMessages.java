package dev.shunt.workflow.streams;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

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

  /** Of streams of other workflows that wait for the end of a switch of the shards they write. */
  public static final String MIGRATION = "stopped for the switch of its shard";

  /** Of such a stream while it runs to the position at which all of them are to stand. */
  public static final String MIGRATION_CATCH_UP = "synchronizing for the switch of its shard";

  /** Of a stream that waits for the end of a diff. */
  public static final String DIFF = "for vdiff";

  /** Of a stream that a diff lets run to a position. */
  public static final String DIFF_CATCH_UP = "synchronizing for vdiff";

  /** Messages of streams of other workflows that a switch of their shards has stopped. */
  public static final Set<String> OF_MIGRATIONS = Set.of(MIGRATION, MIGRATION_CATCH_UP);

  /** Messages of streams that a switch has stopped, and starts or removes itself. */
  public static final Set<String> OF_SWITCHES =
      Collections.unmodifiableSet(
          new TreeSet<>(Set.of(FROZEN, CUTOVER, DRAFT, MIGRATION, MIGRATION_CATCH_UP)));

  private StreamMessages() {}
}
