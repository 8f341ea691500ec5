package dev.shunt.client;

import dev.shunt.schemas.Event;

/**
 * An event and where it is on shunt.events.
 *
 * @param partition partition
 * @param offset offset
 * @param event what happened
 */
public record EventRecord(int partition, long offset, Event event) {}
