/** {@code bench idle}: what a whole cluster on this machine takes while nothing is asked of it. */
@NullMarked
package dev.shunt.bench.idle;

import org.jspecify.annotations.NullMarked;
