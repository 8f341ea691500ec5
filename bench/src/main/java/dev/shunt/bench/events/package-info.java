/**
 * {@code bench events}: how fast commands and stream reports go through Kafka and the state of the
 * workflows. Services are the real ones, but for the one that carries commands out, which has
 * nothing to do in the world.
 */
@NullMarked
package dev.shunt.bench.events;

import org.jspecify.annotations.NullMarked;
