package dev.shunt.tablet.vreplication.stream;

import java.util.Map;

/** What can be changed about a stream while it goes on. */
public final class Tuning {
  /** What a workflow's configuration says when values may lose digits and blanks. */
  public static final String NARROW = "shunt-allow-narrowing";

  /** More than the default brings nothing on a small server: two keep two of its cores busy. */
  static final int DEFAULT_WORKERS = 2;

  static final int MOST_WORKERS = 64;

  private static final String ROW_BY_ROW = "shunt-row-by-row";
  private static final String WRITERS = "vreplication-parallel-insert-workers";
  private static final String APPLIERS = "vreplication-parallel-replication-workers";

  private volatile int writers = DEFAULT_WORKERS;
  private volatile int appliers = DEFAULT_WORKERS;
  private volatile boolean narrow;
  private volatile boolean rowByRow;

  /** Takes over a workflow's options; values that make no sense are as if they were not there. */
  public void set(Map<String, String> config) {
    writers = workers(config, WRITERS);
    appliers = workers(config, APPLIERS);
    narrow = isOn(config, NARROW);
    rowByRow = isOn(config, ROW_BY_ROW);
  }

  /** Whether a switch is on, be it written with hyphens or with underscores. */
  static boolean isOn(Map<String, String> config, String key) {
    String text = config.getOrDefault(key, config.getOrDefault(key.replace('-', '_'), ""));
    return text.strip().equals("true");
  }

  private static int workers(Map<String, String> config, String key) {
    String text = config.getOrDefault(key, config.get(key.replace('-', '_')));
    return text != null && text.matches("[0-9]{1,4}")
        ? Math.clamp(Integer.parseInt(text), 1, MOST_WORKERS)
        : DEFAULT_WORKERS;
  }

  /**
   * Whether each row is written by a statement of its own, in the source's order and transactions:
   * slow, and the yardstick for what is faster. Asked when a stream begins or goes on.
   */
  public boolean rowByRow() {
    return rowByRow;
  }

  /** How many chunks of a table are loaded at a time. */
  public int writers() {
    return writers;
  }

  /** How many transactions with changes are carried out at a time; one for one after another. */
  public int appliers() {
    return rowByRow ? 1 : appliers;
  }

  /** Whether values may lose digits and blanks in narrower columns of the target. */
  public boolean narrow() {
    return narrow;
  }
}
