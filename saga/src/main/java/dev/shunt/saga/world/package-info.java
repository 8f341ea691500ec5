/**
 * What sagas see of the cluster: shards and their primaries, workflows as their streams tell,
 * locks, denied tables. Reads the topology and tablets anew each time; holds no state.
 */
@NullMarked
package dev.shunt.saga.world;

import org.jspecify.annotations.NullMarked;
