/**
 * Creates, changes, completes and cancels workflows: plans the steps of each command and runs them
 * as a service. Knows nothing of switching traffic or of comparing rows.
 */
@NullMarked
package dev.shunt.copy;

import org.jspecify.annotations.NullMarked;
