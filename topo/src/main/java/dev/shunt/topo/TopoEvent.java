package dev.shunt.topo;

import org.jspecify.annotations.Nullable;

/**
 * A change of a record.
 *
 * @param cell {@code global} or the cell
 * @param path path below the root of the cell, for instance {@code keyspaces/customer/VSchema}
 * @param value the new bytes, or null when it was deleted
 * @param version version after the change
 */
@SuppressWarnings("ArrayRecordComponent")
public record TopoEvent(String cell, String path, byte @Nullable [] value, long version) {}
