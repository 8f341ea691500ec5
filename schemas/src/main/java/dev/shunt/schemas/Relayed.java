package dev.shunt.schemas;

/**
 * What is passed on from elsewhere; the values of shunt.topo, shunt.rejected and
 * shunt.streams.batches.
 */
public sealed interface Relayed extends Message permits TopoChange, Rejected, StreamBatch {}
