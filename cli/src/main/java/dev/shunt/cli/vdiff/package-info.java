/** The VDiff verbs and their reports. */
@NullMarked
package dev.shunt.cli.vdiff;

import org.jspecify.annotations.NullMarked;
