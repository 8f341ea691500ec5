/**
 * The Kafka Streams application that admits commands and keeps the state of every workflow. It
 * hosts the decisions of {@code dev.shunt.workflow.lifecycle} and adds what they leave out: order,
 * ids seen before, waiting, and what cannot be read. Knows nothing of how a command is carried out.
 */
@NullMarked
package dev.shunt.workflowstate;

import org.jspecify.annotations.NullMarked;
