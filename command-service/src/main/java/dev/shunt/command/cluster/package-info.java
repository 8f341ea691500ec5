/**
 * What it takes to set up and look at a cluster: cells, keyspaces, shards, tablets, VSchemas and
 * rules, straight on the topology. Knows nothing of workflows.
 */
@NullMarked
package dev.shunt.command.cluster;

import org.jspecify.annotations.NullMarked;
