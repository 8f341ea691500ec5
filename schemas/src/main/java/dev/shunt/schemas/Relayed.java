package dev.shunt.schemas;

/**
 * What is passed on from elsewhere; the values of shunt.topo, shunt.rejected, shunt.streams.batches
 * and shunt.streams.summaries.
 */
public sealed interface Relayed extends Message
    permits TopoChange, Rejected, StreamBatch, StreamSummary {}
