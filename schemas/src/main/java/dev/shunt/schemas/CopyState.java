package dev.shunt.schemas;

/**
 * How far the copy of one table is.
 *
 * @param table Table.
 * @param lastPk Last copied primary key, text form of query.QueryResult; empty before the first.
 */
public record CopyState(String table, String lastPk) {}
