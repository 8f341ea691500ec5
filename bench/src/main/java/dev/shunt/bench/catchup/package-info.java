/**
 * {@code bench catchup}: how fast a backlog of changes is applied, by Shunt and by the database's
 * own replication beside it.
 */
@NullMarked
package dev.shunt.bench.catchup;

import org.jspecify.annotations.NullMarked;
