package dev.shunt.schemas;

/**
 * A record that is the value of one of the topics; its Avro schema has the same name and fields.
 */
public sealed interface Message permits Command, Event, StreamEvent, Materialized, Relayed {}
