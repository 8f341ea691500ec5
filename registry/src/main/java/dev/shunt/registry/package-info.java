/**
 * The embedded schema registry: Confluent's REST paths over a compacted topic. Any number of
 * instances over one topic agree. Knows nothing of workflows or of the records of Shunt.
 */
@NullMarked
package dev.shunt.registry;

import org.jspecify.annotations.NullMarked;
