/**
 * What a Vitess cluster looks like through its topology and its tablets: shards and their
 * primaries, workflows as their streams tell, denied tables. Reads anew each time; holds no state.
 */
@NullMarked
package dev.shunt.cluster;

import org.jspecify.annotations.NullMarked;
