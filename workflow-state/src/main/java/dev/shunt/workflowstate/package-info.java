/**
 * The Kafka Streams applications that admit commands and keep the state of every workflow, and the
 * gatherer of reports. They host the decisions of {@code dev.shunt.workflow.lifecycle} and add what
 * they leave out: order, ids seen before, waiting, and what cannot be read. They know nothing of
 * how a command is carried out.
 */
@NullMarked
package dev.shunt.workflowstate;

import org.jspecify.annotations.NullMarked;
