/**
 * The command service: the gRPC face of a cluster (vtctlservice.Vtctld) and its HTTP face. Turns
 * writes into commands on Kafka, answers reads from the materialised state; performs no workflow
 * step itself.
 */
@NullMarked
package dev.shunt.command;

import org.jspecify.annotations.NullMarked;
