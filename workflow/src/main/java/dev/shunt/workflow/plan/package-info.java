/**
 * What a switch, a complete and a cancel consist of, as data: ordered steps with the point of no
 * return marked and the lines a dry run prints. The executor and the dry run share the plan. Knows
 * nothing of how a step is carried out.
 */
@NullMarked
package dev.shunt.workflow.plan;

import org.jspecify.annotations.NullMarked;
