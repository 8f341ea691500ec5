/** Starts, stops and changes streams. */
@NullMarked
package dev.shunt.copy.updating;

import org.jspecify.annotations.NullMarked;
