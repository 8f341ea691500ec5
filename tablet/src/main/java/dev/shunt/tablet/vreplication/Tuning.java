package dev.shunt.tablet.vreplication;

import java.util.Map;

/** What can be changed about a stream while it goes on. */
final class Tuning {
  /** More than the default brings nothing on a small server: two keep two of its cores busy. */
  static final int DEFAULT_WRITERS = 2;

  static final int MOST_WRITERS = 64;

  private static final String WRITERS = "vreplication-parallel-insert-workers";

  private volatile int writers = DEFAULT_WRITERS;

  /** Takes over a workflow's options; values that make no sense are as if they were not there. */
  void set(Map<String, String> config) {
    String text = config.getOrDefault(WRITERS, config.get(WRITERS.replace('-', '_')));
    int wanted = DEFAULT_WRITERS;
    if (text != null && text.matches("[0-9]{1,4}")) {
      wanted = Math.clamp(Integer.parseInt(text), 1, MOST_WRITERS);
    }
    writers = wanted;
  }

  /** How many chunks of a table are loaded at a time. */
  int writers() {
    return writers;
  }
}
