package dev.shunt.command.reading;

import binlogdata.Binlogdata;
import com.google.protobuf.TextFormat;
import dev.shunt.schemas.StreamState;
import dev.shunt.schemas.StreamStatus;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * One stream as answers show it: its source parsed, its state and lags computed.
 *
 * @param status what its tablet reported
 * @param source its source
 * @param now when the answer is made, seconds since the epoch
 */
record StreamAnswer(StreamStatus status, Binlogdata.BinlogSource source, long now) {
  private static final TextFormat.Parser PARSER =
      TextFormat.Parser.newBuilder().setAllowUnknownFields(true).build();

  /** The word alone: a table named error_log in a message is no error. */
  private static final Pattern ERROR = Pattern.compile("(?i)(?<![\\w])error(?![\\w])");

  private static final long LAGGING_AFTER_SECONDS = 10;

  /** Parses a stream's source; IllegalStateException when it is malformed. */
  static StreamAnswer of(StreamStatus status, long now) {
    Binlogdata.BinlogSource.Builder source = Binlogdata.BinlogSource.newBuilder();
    try {
      PARSER.merge(status.source(), source);
    } catch (TextFormat.ParseException e) {
      throw new IllegalStateException(
          "stream %d of tablet %s has a malformed source".formatted(status.id(), status.tablet()),
          e);
    }
    return new StreamAnswer(status, source.build(), now);
  }

  /**
   * Error when the stream says so or retries after an error; Copying while a table is not copied;
   * Lagging when it has given no sign of life for 10 s; else as stored.
   */
  StreamState state() {
    StreamState stored = status.streamState();
    if (!stored.halted() && ERROR.matcher(status.message()).find()) {
      return StreamState.ERROR;
    }
    if (stored == StreamState.RUNNING && !status.copyStates().isEmpty()) {
      return StreamState.COPYING;
    }
    if (stored == StreamState.RUNNING && now - status.timeUpdated() > LAGGING_AFTER_SECONDS) {
      return StreamState.LAGGING;
    }
    return stored;
  }

  /** The state as answers have it; one that is not known here as its tablet gave it. */
  String stateText() {
    StreamState state = state();
    return state == StreamState.UNKNOWN ? status.state() : state.text();
  }

  /** Seconds since the last sign of life. */
  long lag() {
    return Math.max(0, now - status.timeUpdated());
  }

  /** Seconds that the target is behind the source; the greatest long while it copies. */
  long transactionLag() {
    if (status.streamState() == StreamState.COPYING || state() == StreamState.COPYING) {
      return Long.MAX_VALUE;
    }
    return replicationLag();
  }

  /** Seconds between now and the last moment the target was known to be up to date. */
  long replicationLag() {
    return Math.max(0, now - Math.max(status.transactionTimestamp(), status.timeUpdated()));
  }

  /** Position without the flavour in front. */
  String position() {
    return withoutFlavour(status.position());
  }

  boolean inOrder() {
    return status.tabletTypes().startsWith("in_order:");
  }

  List<String> tabletTypes() {
    String list =
        inOrder() ? status.tabletTypes().substring("in_order:".length()) : status.tabletTypes();
    return List.of(list.split(",", -1)).stream()
        .map(type -> type.strip().toUpperCase(Locale.ROOT))
        .filter(type -> !type.isEmpty())
        .toList();
  }

  List<String> cells() {
    return List.of(status.cells().split(",", -1)).stream().map(String::strip).toList();
  }

  static String withoutFlavour(String position) {
    int slash = position.indexOf('/');
    return slash < 0 ? position : position.substring(slash + 1);
  }
}
