/**
 * Time as a port. What carries out commands reads no clock and waits on none but through {@link
 * dev.shunt.time.Time}, so that tests and simulations can give it a time of their own. Knows
 * nothing else.
 */
@NullMarked
package dev.shunt.time;

import org.jspecify.annotations.NullMarked;
