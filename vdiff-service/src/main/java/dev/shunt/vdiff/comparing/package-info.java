/**
 * Compares streams of rows by their keys, whatever order they come in. Knows nothing of workflows
 * and tablets beyond the messages of row streams.
 */
@NullMarked
package dev.shunt.vdiff.comparing;

import org.jspecify.annotations.NullMarked;
