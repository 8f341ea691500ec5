package dev.shunt.schemas;

import java.util.Locale;

/** The states of a diff and of the comparison of one of its tables, in Vitess's words. */
public enum DiffState {
  PENDING,
  STARTED,
  COMPLETED,
  STOPPED,
  ERROR;

  /** As statuses, events and clients have it: {@code completed}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether a text names this state. */
  public boolean is(String text) {
    return text().equals(text);
  }
}
