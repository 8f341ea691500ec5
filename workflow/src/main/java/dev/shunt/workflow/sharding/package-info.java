/**
 * Where rows belong: key ranges of shards, vindexes that map column values to keyspace ids, and the
 * vindex of a table. Follows Vitess bit for bit; knows nothing of tablets or SQL.
 */
@NullMarked
package dev.shunt.workflow.sharding;

import org.jspecify.annotations.NullMarked;
