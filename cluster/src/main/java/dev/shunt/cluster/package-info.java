/**
 * What a Vitess cluster looks like through its topology and its tablets: shards and their
 * primaries, workflows as their streams show, denied tables; and the ports by which commands change
 * it, with their statements. Reads anew each time; only cells that could not be published to are
 * remembered. Knows no Kafka and no order of steps.
 */
@NullMarked
package dev.shunt.cluster;

import org.jspecify.annotations.NullMarked;
