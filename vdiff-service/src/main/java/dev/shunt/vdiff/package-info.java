/**
 * Compares the source and the target of a workflow row by row, at one consistent point, while both
 * go on. Knows nothing of creating workflows or switching traffic.
 */
@NullMarked
package dev.shunt.vdiff;

import org.jspecify.annotations.NullMarked;
