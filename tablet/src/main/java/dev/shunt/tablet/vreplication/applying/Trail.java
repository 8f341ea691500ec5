package dev.shunt.tablet.vreplication.applying;

import dev.shunt.mysql.Position;
import org.jspecify.annotations.Nullable;

/**
 * How far the changes of a source have come, one position after the other. Where a position's text
 * does not have all, it keeps what was passed on the way.
 */
final class Trail {
  private String text;

  /** Null when it was not worked out yet, as the text has all. */
  private @Nullable Position position;

  Trail(Position start) {
    this.text = start.encoded();
    this.position = start;
  }

  /**
   * Goes on.
   *
   * @param next the position behind what comes next in the log, encoded
   */
  void to(String next) {
    if (next.equals(text)) {
      return;
    }
    Position before = position;
    text = next;
    position =
        before != null && !before.isTextComplete() ? before.followedBy(Position.parse(next)) : null;
  }

  /** The encoded form, as it came. */
  String text() {
    return text;
  }

  Position position() {
    Position known = position;
    if (known == null) {
      known = Position.parse(text);
      position = known;
    }
    return known;
  }
}
