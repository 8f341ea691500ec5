package dev.shunt.workflow.migration;

/**
 * What other tools create and Shunt only shows: tables from another cluster, tables of some shards
 * or of some tenants only, a change of a table's definition.
 *
 * @param source keyspace that is read
 * @param target keyspace that is written
 * @param kind what it is, for people
 */
public record OtherMigration(String source, String target, String kind) implements Migration {}
