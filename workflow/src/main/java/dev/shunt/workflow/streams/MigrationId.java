package dev.shunt.workflow.streams;

import java.nio.charset.StandardCharsets;
import java.util.Collection;

/**
 * The id under which a switch writes its journals: FNV-1, 64 bit, over the target keyspace and its
 * streams, with the top bit cleared. Equal to Vitess's, so journals of both meet.
 */
public final class MigrationId {
  private static final long OFFSET_BASIS = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;

  private MigrationId() {}

  /**
   * A stream as the id sees it.
   *
   * @param targetShard target shard
   * @param id id of the stream on that shard's primary
   */
  public record StreamId(String targetShard, long id) {}

  /** The id of all streams of a workflow, in any order. */
  public static long of(String targetKeyspace, Collection<StreamId> streams) {
    long hash = add(OFFSET_BASIS, targetKeyspace);
    for (String stream :
        streams.stream().map(s -> s.targetShard() + ":" + s.id()).sorted().toList()) {
      hash = add(hash, stream);
    }
    return hash & Long.MAX_VALUE;
  }

  /**
   * The key of a journal of a database whose server has that of another one under the id: two
   * source shards may share a server and the table of journals, which has one row an id.
   */
  public static long beside(long id, String database) {
    return add(add(OFFSET_BASIS, Long.toString(id)), "/" + database) & Long.MAX_VALUE;
  }

  private static long add(long hash, String text) {
    long result = hash;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      result = (result * PRIME) ^ (b & 0xff);
    }
    return result;
  }
}
