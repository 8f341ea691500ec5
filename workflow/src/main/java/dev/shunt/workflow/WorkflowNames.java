package dev.shunt.workflow;

/** Names of a workflow and its reverse. */
public final class WorkflowNames {
  private static final String REVERSE_SUFFIX = "_reverse";

  private WorkflowNames() {}

  /**
   * Whether a name is made of letters, digits, '_', '-' and '.', and begins with none of the last.
   */
  public static boolean isPlain(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean word =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
      if (!word && (i == 0 || (c != '-' && c != '.'))) {
        return false;
      }
    }
    return !name.isEmpty();
  }

  /**
   * Whether a name can be that of a keyspace: plain, without the '.' that stands between keyspace
   * and table, or keyspace and workflow.
   */
  public static boolean isKeyspace(String name) {
    return isPlain(name) && name.indexOf('.') < 0;
  }

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
