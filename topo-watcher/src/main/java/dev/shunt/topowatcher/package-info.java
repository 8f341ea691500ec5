/**
 * Relays what happens elsewhere to Kafka: changes of topology records, and the replication streams
 * of every primary tablet. One instance relays at a time. Must not decide anything about workflows.
 */
@NullMarked
package dev.shunt.topowatcher;

import org.jspecify.annotations.NullMarked;
