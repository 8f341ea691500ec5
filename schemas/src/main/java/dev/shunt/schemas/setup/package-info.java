/**
 * Sets a cluster up: all services agree through a record of the cluster's own on how many
 * partitions its topics have, and none works on topics that have another number. Must not know a
 * schema registry: the record is read before there is one.
 */
@NullMarked
package dev.shunt.schemas.setup;

import org.jspecify.annotations.NullMarked;
