package dev.shunt.cli.workflows;

/** A verb whose actions are about one workflow. */
interface OfWorkflow {
  /** Which workflow. */
  Target target();
}
