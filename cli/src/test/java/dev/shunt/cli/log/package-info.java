/** Tests of the verbs that talk to Kafka. */
@NullMarked
package dev.shunt.cli.log;

import org.jspecify.annotations.NullMarked;
