/**
 * Vitess topology records: one port with two stores, etcd and local files. Knows Vitess's paths and
 * encodings; must not know workflows, tablets' behaviour or Kafka.
 */
@NullMarked
package dev.shunt.topo;

import org.jspecify.annotations.NullMarked;
