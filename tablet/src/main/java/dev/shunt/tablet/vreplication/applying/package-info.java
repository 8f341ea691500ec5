/**
 * Applies the changes of the source from a position on: rows and position in one transaction,
 * several transactions side by side, committed in order. Of copies it knows which rows have come,
 * not how.
 */
@NullMarked
package dev.shunt.tablet.vreplication.applying;

import org.jspecify.annotations.NullMarked;
