/**
 * What travels through Kafka: commands, events, stream reports and folded state as Java records
 * with one Avro schema each, the topics, and the serializers. Knows nothing of what is done with
 * them.
 *
 * <p>A record of more than ten components has a {@code Draft}: {@code with} gives it changed by
 * name, {@code of} begins one that has a neutral value, or the default of its schema, in whatever
 * is not named. So a component more changes the record's own file and those who mean it. Who knows
 * every component, as one who reads a row does, calls the constructor: there a component more must
 * not be forgotten.
 */
@NullMarked
package dev.shunt.schemas;

import org.jspecify.annotations.NullMarked;
