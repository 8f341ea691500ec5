/**
 * The source side of streams: follows a database's binary log as VEvents and reads tables in key
 * order from snapshots, filtered by rules and key ranges. Knows nothing of targets, workflows or of
 * how its messages travel.
 */
@NullMarked
package dev.shunt.tablet.vstreamer;

import org.jspecify.annotations.NullMarked;
