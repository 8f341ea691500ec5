/**
 * The target side of streams: a controller for each row of {@code _vt.vreplication} that copies
 * tables from a snapshot of the source and then applies its changes, rows and position in one
 * transaction. Reaches the source only through its tablet's streams; knows nothing of workflows.
 */
@NullMarked
package dev.shunt.tablet.vreplication;

import org.jspecify.annotations.NullMarked;
