package dev.shunt.workflow.migration;

/**
 * What queries of a source keyspace say, kept up to date in tables of a target keyspace, among them
 * the tables of lookup vindexes. Traffic does not follow it.
 *
 * @param source keyspace that is read
 * @param target keyspace that is written
 * @param kind {@code Materialize} or {@code CreateLookupIndex}
 */
public record Materialization(String source, String target, String kind) implements Migration {}
