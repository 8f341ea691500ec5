/**
 * What travels through Kafka: commands, events, stream reports and folded state as Java records
 * with one Avro schema each, the topics, and the serializers. Knows nothing of what is done with
 * them.
 */
@NullMarked
package dev.shunt.schemas;

import org.jspecify.annotations.NullMarked;
