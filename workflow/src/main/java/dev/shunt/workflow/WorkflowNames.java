package dev.shunt.workflow;

/** Names of a workflow and its reverse. */
public final class WorkflowNames {
  private static final String REVERSE_SUFFIX = "_reverse";

  private WorkflowNames() {}

  /** The name with {@code _reverse} at its end, or without it when it had it. */
  public static String reverse(String workflow) {
    return isReverse(workflow) ? forward(workflow) : workflow + REVERSE_SUFFIX;
  }

  /** Whether the name is that of a reverse workflow. */
  public static boolean isReverse(String workflow) {
    return workflow.endsWith(REVERSE_SUFFIX) && workflow.length() > REVERSE_SUFFIX.length();
  }

  /** The name without {@code _reverse} at its end. */
  public static String forward(String workflow) {
    return isReverse(workflow)
        ? workflow.substring(0, workflow.length() - REVERSE_SUFFIX.length())
        : workflow;
  }
}
