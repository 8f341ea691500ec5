package dev.shunt.schemas;

/**
 * Keys of records on the topics of tasks. Each has a workflow, by which alone the partition is
 * chosen, so that all tasks and events of a workflow lie in partitions of one number. Names of
 * workflows have neither of the two signs.
 *
 * <pre>
 *   customer.c2c            the command that changes the workflow
 *   customer.c2c/COMMAND    a command that runs beside it
 *   customer.c2c!COMMAND    a signal to one that runs
 * </pre>
 */
public final class TaskKey {
  private static final char LANE = '/';
  private static final char SIGNAL = '!';

  private TaskKey() {}

  /** Of the command that changes a workflow; there is one at a time. */
  public static String ofChange(WorkflowKey workflow) {
    return workflow.toString();
  }

  /** Of a command that runs beside others of its workflow. */
  public static String beside(WorkflowKey workflow, String commandId) {
    return workflow.toString() + LANE + commandId;
  }

  /** Of a signal, which is a command with an id of its own. */
  public static String ofSignal(WorkflowKey workflow, String commandId) {
    return workflow.toString() + SIGNAL + commandId;
  }

  /** The workflow of a key; IllegalArgumentException when it names none. */
  public static WorkflowKey workflowOf(String key) {
    for (int i = 0; i < key.length(); i++) {
      if (key.charAt(i) == LANE || key.charAt(i) == SIGNAL) {
        return WorkflowKey.parse(key.substring(0, i));
      }
    }
    return WorkflowKey.parse(key);
  }
}
