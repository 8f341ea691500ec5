package dev.shunt.topo;

/**
 * A topology record and its version in the store (etcd: the key's mod revision).
 *
 * @param value the record
 * @param version version to compare with on update, at least 1
 */
public record Versioned<T>(T value, long version) {}
