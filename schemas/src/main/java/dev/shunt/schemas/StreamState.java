package dev.shunt.schemas;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * State of a stream. Sidecar tables, events and answers have its name as Vitess writes it
 * (binlogdata.proto, VReplicationWorkflowState); records keep that text, so that they can hand on a
 * state which this version does not know.
 *
 * <pre>
 *        ┌────────── started ──────────┐
 *        ▼                             │
 *   INIT ──▶ COPYING ──▶ RUNNING ──▶ STOPPED
 *               │           │
 *               └───────────┴──────▶ ERROR
 * </pre>
 */
public enum StreamState {
  /** None, or one that this version does not know. */
  UNKNOWN("Unknown"),
  /** Written and not begun. */
  INIT("Init"),
  /** Somebody has stopped it, or it has come to where it was to end. */
  STOPPED("Stopped"),
  /** Tables are copied. */
  COPYING("Copying"),
  /** Changes are applied. */
  RUNNING("Running"),
  /** It has failed and is not tried again. */
  ERROR("Error"),
  /** It gives no sign of life; only answers have this one. */
  LAGGING("Lagging");

  private static final Map<String, StreamState> BY_TEXT =
      Stream.of(values())
          .collect(Collectors.toUnmodifiableMap(StreamState::text, Function.identity()));

  private final String text;

  StreamState(String text) {
    this.text = text;
  }

  /**
   * The state of this name, upper and lower case as Vitess has them.
   *
   * @return UNKNOWN for every other text: a later version or a stock vttablet may have more states,
   *     and its streams are still to be read
   */
  public static StreamState parse(String text) {
    return BY_TEXT.getOrDefault(text, UNKNOWN);
  }

  /** Its name in Vitess. */
  public String text() {
    return text;
  }

  /** Whether the stream does nothing until somebody starts it. */
  public boolean halted() {
    return this == STOPPED || this == ERROR;
  }
}
