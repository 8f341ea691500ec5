/**
 * Runs admitted tasks as sagas: takes tasks from Kafka, locks the workflow, plans steps that can be
 * repeated, carries them out or takes them back, and publishes each. Knows nothing of what the
 * steps of a particular command are.
 */
@NullMarked
package dev.shunt.saga;

import org.jspecify.annotations.NullMarked;
