package dev.shunt.workflow.lifecycle;

import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.RefusedException;
import java.util.Map;

/** What can be changed of a diff while it runs: the only kind of command that can be retuned. */
public final class DiffTuning {
  /** Most rows of both sides that are compared a second, all shards together; 0 for no limit. */
  public static final String ROWS_PER_SECOND = "rows_per_second";

  private DiffTuning() {}

  /**
   * Checks settings.
   *
   * @throws RefusedException when they are not those of a diff
   */
  static void check(Map<String, String> settings) {
    String rows = settings.get(ROWS_PER_SECOND);
    if (rows == null || settings.size() > 1) {
      throw Refusal.invalidArgument("RETUNE changes %s, not %s", ROWS_PER_SECOND, settings.keySet())
          .exception();
    }
    if (!rows.matches("[0-9]{1,12}")) {
      throw Refusal.invalidArgument(
              "%s is a number of rows, or 0 for no limit, not %s", ROWS_PER_SECOND, rows)
          .exception();
    }
  }

  /** The limit of rows that settings name; 0 when there is none. */
  public static long rowsPerSecond(Map<String, String> settings) {
    return Long.parseLong(settings.getOrDefault(ROWS_PER_SECOND, "0"));
  }
}
