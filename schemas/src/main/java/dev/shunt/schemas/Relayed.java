package dev.shunt.schemas;

/** What is passed on from elsewhere; the values of shunt.topo and shunt.rejected. */
public sealed interface Relayed extends Message permits TopoChange, Rejected {}
