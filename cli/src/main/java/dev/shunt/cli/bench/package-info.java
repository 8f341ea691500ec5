/**
 * The verbs of {@code shunt bench}: options to what module {@code bench} does, and nothing else.
 */
@NullMarked
package dev.shunt.cli.bench;

import org.jspecify.annotations.NullMarked;
