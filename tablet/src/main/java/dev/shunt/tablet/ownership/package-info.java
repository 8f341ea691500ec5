/**
 * Sees to it that a tablet's alias belongs to one process at a time. The database says which: a
 * lock of the server that the owner holds, a row that names it, and a lock that each of its
 * connections holds, so that a successor finds and ends those of a process that sleeps. It knows
 * nothing of the topology and of what the connections are used for.
 */
@NullMarked
package dev.shunt.tablet.ownership;

import org.jspecify.annotations.NullMarked;
