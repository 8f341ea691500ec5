package dev.shunt.tablet.vreplication;

import java.util.Map;

/** What can be changed about a stream while it goes on. */
final class Tuning {
  /** More than the default brings nothing on a small server: two keep two of its cores busy. */
  static final int DEFAULT_WORKERS = 2;

  static final int MOST_WORKERS = 64;

  private static final String WRITERS = "vreplication-parallel-insert-workers";
  private static final String APPLIERS = "vreplication-parallel-replication-workers";

  private volatile int writers = DEFAULT_WORKERS;
  private volatile int appliers = DEFAULT_WORKERS;

  /** Takes over a workflow's options; values that make no sense are as if they were not there. */
  void set(Map<String, String> config) {
    writers = workers(config, WRITERS);
    appliers = workers(config, APPLIERS);
  }

  private static int workers(Map<String, String> config, String key) {
    String text = config.getOrDefault(key, config.get(key.replace('-', '_')));
    return text != null && text.matches("[0-9]{1,4}")
        ? Math.clamp(Integer.parseInt(text), 1, MOST_WORKERS)
        : DEFAULT_WORKERS;
  }

  /** How many chunks of a table are loaded at a time. */
  int writers() {
    return writers;
  }

  /** How many transactions with changes are carried out at a time; one for one after another. */
  int appliers() {
    return appliers;
  }
}
