/** The verbs on workflows: MoveTables, Workflow, GetWorkflows. */
@NullMarked
package dev.shunt.cli.workflows;

import org.jspecify.annotations.NullMarked;
