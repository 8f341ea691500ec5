/**
 * The life of a workflow: which commands its state admits ({@code Decider}) and how what happened
 * changes it ({@code Evolver}). Live processing, restart and audit replay run this same code. Knows
 * nothing of how commands travel or are carried out.
 */
@NullMarked
package dev.shunt.workflow.lifecycle;

import org.jspecify.annotations.NullMarked;
