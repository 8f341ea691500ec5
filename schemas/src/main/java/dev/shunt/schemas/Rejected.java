package dev.shunt.schemas;

/**
 * A record that could not be read or handled.
 *
 * @param topic Where it came from.
 * @param partition Partition.
 * @param offset Offset.
 * @param reason Why it was rejected.
 * @param key Original key.
 * @param value Original value.
 * @param at When it was rejected, milliseconds since the epoch.
 */
@SuppressWarnings("ArrayRecordComponent")
public record Rejected(
    String topic, int partition, long offset, String reason, byte[] key, byte[] value, long at)
    implements Relayed {}
