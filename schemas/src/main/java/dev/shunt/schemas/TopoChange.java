package dev.shunt.schemas;

/**
 * A topology record changed.
 *
 * @param cell global, or the cell.
 * @param path Path of the record below the root of the cell.
 * @param kind Message name, as topodata.Shard.
 * @param json The record as protobuf JSON; empty when it was deleted.
 * @param deleted Whether it is gone.
 * @param version Version of the record in the store.
 * @param at When it was seen, milliseconds since the epoch.
 */
public record TopoChange(
    String cell, String path, String kind, String json, boolean deleted, long version, long at)
    implements Relayed {}
