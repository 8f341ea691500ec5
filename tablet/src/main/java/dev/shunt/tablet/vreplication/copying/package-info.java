/**
 * Copies tables from a snapshot of the source: cuts them in parts, reads these side by side, and
 * writes rows with a note of how far they have come. Knows nothing of changes.
 */
@NullMarked
package dev.shunt.tablet.vreplication.copying;

import org.jspecify.annotations.NullMarked;
