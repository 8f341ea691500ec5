package dev.shunt.tablet.vreplication.applying;

import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.Position;
import org.jspecify.annotations.Nullable;

/**
 * How far the changes of a source have come, one position after the other. Of MariaDB's it keeps
 * what was passed on the way: the last position alone does not tell where several servers wrote to
 * one domain.
 */
final class Trail {
  private String text;

  /** Null when it was not worked out yet; whatever was passed is in a MySQL position's text. */
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
        before != null && before.flavor() == Flavor.MARIADB
            ? before.followedBy(Position.parse(next))
            : null;
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
