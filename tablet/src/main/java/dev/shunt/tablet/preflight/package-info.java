/**
 * The checklist of what a server, a database and each table that moves must be and do for a stream
 * to be true. Facts are read by a few statements, judged without I/O, and come out as findings with
 * a remedy in SQL. It knows nothing of streams, workflows or the topology.
 */
@NullMarked
package dev.shunt.tablet.preflight;

import org.jspecify.annotations.NullMarked;
