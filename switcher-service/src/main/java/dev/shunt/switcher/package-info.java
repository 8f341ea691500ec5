/**
 * Switches the traffic of MoveTables workflows, forward and backward: checks, plans and performs
 * the switch, keeps the pause of writes short and finishes or undoes what was interrupted. Knows
 * nothing of creating or ending workflows.
 */
@NullMarked
package dev.shunt.switcher;

import org.jspecify.annotations.NullMarked;
