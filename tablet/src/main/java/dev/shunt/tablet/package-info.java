/**
 * A tablet beside one MySQL or MariaDB database: what it serves over gRPC, its sidecar tables, its
 * pools, its denied tables. The VReplication engine and the VStreamer stand behind the interfaces
 * {@link dev.shunt.tablet.VReplicationEngine} and {@link dev.shunt.tablet.VStreamer}; must not know
 * workflows' lives, sagas or Kafka.
 */
@NullMarked
package dev.shunt.tablet;

import org.jspecify.annotations.NullMarked;
