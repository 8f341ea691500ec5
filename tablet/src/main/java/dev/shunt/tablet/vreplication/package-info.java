/**
 * The life of streams: the engine, a controller for each row of {@code _vt.vreplication}, and what
 * a run decides, from what stands in the tables: to copy or to apply. Reaches the source only
 * through its tablet's streams; knows nothing of workflows.
 */
@NullMarked
package dev.shunt.tablet.vreplication;

import org.jspecify.annotations.NullMarked;
