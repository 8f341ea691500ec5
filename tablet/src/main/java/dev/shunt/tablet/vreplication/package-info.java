/**
 * The life of streams: the engine, a controller for each row of {@code _vt.vreplication}, what a
 * run decides, from what stands in the tables: to copy or to apply, and how streams of a workflow
 * follow a journal to other shards together. Reaches the source only through its tablet's streams;
 * of workflows it knows no more than which streams have one's name.
 */
@NullMarked
package dev.shunt.tablet.vreplication;

import org.jspecify.annotations.NullMarked;
