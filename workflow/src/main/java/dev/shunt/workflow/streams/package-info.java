/**
 * Which streams a workflow has and what each reads: planning of forward and reverse streams,
 * journals and migration ids, in Vitess's records. Knows nothing of tablets or stores.
 */
@NullMarked
package dev.shunt.workflow.streams;

import org.jspecify.annotations.NullMarked;
