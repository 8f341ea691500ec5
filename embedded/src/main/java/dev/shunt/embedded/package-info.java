/**
 * Starts the servers that Shunt builds on (Kafka, MariaDB, MySQL, etcd, a schema registry) in a
 * data directory of the caller's, for the embedded default and for tests. It knows how to find,
 * start, stop and kill them, and nothing of what Shunt keeps in them.
 */
@NullMarked
package dev.shunt.embedded;

import org.jspecify.annotations.NullMarked;
