package dev.shunt.cluster;

/** Streams that were to be changed are not there any more. */
public final class StreamsGoneException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Names them.
   *
   * @param count how many there were
   */
  public StreamsGoneException(String workflow, ShardPrimary shard, int count) {
    super(
        ("streams of workflow %s on %s are gone: there were %d; somebody has deleted them, or"
                + " the database is another one")
            .formatted(workflow, shard.name(), count));
  }
}
