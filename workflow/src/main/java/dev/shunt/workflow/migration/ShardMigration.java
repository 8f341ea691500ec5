package dev.shunt.workflow.migration;

/**
 * All rows of a keyspace on their way from some of its shards to others.
 *
 * @param keyspace the keyspace
 */
public record ShardMigration(String keyspace) implements Migration {
  @Override
  public String source() {
    return keyspace;
  }

  @Override
  public String target() {
    return keyspace;
  }

  @Override
  public String kind() {
    return "Reshard";
  }
}
