/**
 * Tables of the target and how rows are written to them: which field fills which column, whether it
 * gets there exactly, the statements for rows, the sessions that carry them out, and whether a
 * table is still what it was. Knows nothing of where rows come from.
 */
@NullMarked
package dev.shunt.tablet.vreplication.writing;

import org.jspecify.annotations.NullMarked;
