package dev.shunt.schemas;

import java.util.Optional;

/**
 * Key of a record of a status. By its workflow alone the partition is chosen.
 *
 * <pre>
 *   customer.c2c         on shunt.workflows: the summary of the workflow, a WorkflowStatus
 *   customer.c2c/-80     on shunt.workflows.shards: its streams into the target shard -80, a ShardStatus
 * </pre>
 *
 * <p>Other tools may give names that have a slash: it is written {@code %2F} in either part, and
 * the percent sign before a {@code 2F} or {@code 25} that is in a name {@code %25}. The summary of
 * any other workflow has the workflow's key, as it had in versions before.
 *
 * @param workflow whose record it is
 * @param shard target shard; empty for the summary
 */
public record StatusKey(WorkflowKey workflow, Optional<String> shard) {
  private static final char SHARD = '/';

  /** That of the summary of a workflow. */
  public static StatusKey of(WorkflowKey workflow) {
    return new StatusKey(workflow, Optional.empty());
  }

  /** That of the streams of a workflow into one target shard. */
  public static StatusKey of(WorkflowKey workflow, String shard) {
    return new StatusKey(workflow, Optional.of(shard));
  }

  /** Reads what {@link #toString} wrote; IllegalArgumentException when it names no workflow. */
  public static StatusKey parse(String text) {
    int slash = text.indexOf(SHARD);
    return slash < 0
        ? of(WorkflowKey.parse(unescape(text)))
        : of(
            WorkflowKey.parse(unescape(text.substring(0, slash))),
            unescape(text.substring(slash + 1)));
  }

  /** Whether a record with this key counts on a topic: a version before had others there too. */
  public boolean isOf(String topic) {
    return shard.isPresent() == topic.equals(Topics.SHARDS);
  }

  /** The key as it is on the topic. */
  @Override
  public String toString() {
    String summary = escape(workflow.toString());
    return shard.map(name -> summary + SHARD + escape(name)).orElse(summary);
  }

  private static String escape(String name) {
    return name.replace("%25", "%2525").replace("%2F", "%252F").replace("/", "%2F");
  }

  private static String unescape(String text) {
    return text.replace("%2F", "/").replace("%25", "%");
  }
}
