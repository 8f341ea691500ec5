package dev.shunt.topowatcher;

import dev.shunt.schemas.Message;
import org.jspecify.annotations.Nullable;

/**
 * A record to be written.
 *
 * @param topic where
 * @param key its key
 * @param value its value; null is a tombstone
 */
record RelayRecord(String topic, String key, @Nullable Message value) {}
