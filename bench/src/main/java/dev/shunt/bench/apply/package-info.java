/** {@code bench apply}: how far a running stream is behind while its source is written to. */
@NullMarked
package dev.shunt.bench.apply;

import org.jspecify.annotations.NullMarked;
