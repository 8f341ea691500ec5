/**
 * The Java library of Shunt: send commands and await what becomes of them, follow the state of
 * workflows, replay the audit log. Speaks to Kafka and the schema registry alone; knows no service,
 * tablet or topology.
 */
@NullMarked
package dev.shunt.client;

import org.jspecify.annotations.NullMarked;
