/**
 * Where the topology sends traffic: routing rules, denied tables and the traffic state derived from
 * them, as functions from records to records. Knows nothing of how records are stored.
 */
@NullMarked
package dev.shunt.workflow.routing;

import org.jspecify.annotations.NullMarked;
