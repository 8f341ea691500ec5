/**
 * One stream as it stands in the sidecar tables: its row, its rules, how far its copies have come,
 * what is known of its position, and what all of its parts share. Knows neither how rows are
 * written nor when.
 */
@NullMarked
package dev.shunt.tablet.vreplication.stream;

import org.jspecify.annotations.NullMarked;
