package dev.shunt.mysql;

/**
 * How far a server's log of changes goes: the set of transactions that it contains. Values of one
 * family are comparable with each other only. Immutable; equal when they hold the same
 * transactions.
 *
 * <p>The encoded form is Vitess's: the flavor's prefix, a slash, and the server's own text, such as
 * {@code MySQL56/3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5} or {@code MariaDB/0-1-5,2-1-7}.
 */
public sealed interface Position permits MysqlPosition, MariaDbPosition {
  /**
   * Reads the encoded form.
   *
   * @throws IllegalArgumentException when it has no known prefix or is malformed
   */
  static Position parse(String encoded) {
    int slash = encoded.indexOf('/');
    for (Flavor flavor : Flavor.values()) {
      if (slash > 0 && encoded.substring(0, slash).equals(flavor.prefix())) {
        return parse(flavor, encoded.substring(slash + 1));
      }
    }
    throw new IllegalArgumentException(
        "position '" + encoded + "' must start with MySQL56/ or MariaDB/");
  }

  /**
   * Reads the text that a server of this flavor uses; an empty text is the empty position.
   *
   * @throws IllegalArgumentException when it is malformed
   */
  static Position parse(Flavor flavor, String text) {
    return switch (flavor) {
      case MYSQL -> MysqlPosition.parse(text);
      case MARIADB -> MariaDbPosition.parse(text);
    };
  }

  Flavor flavor();

  /** The text that servers of this flavor use, in their order. */
  String text();

  /** The form with the flavor's prefix. */
  default String encoded() {
    return flavor().prefix() + "/" + text();
  }

  boolean isEmpty();

  /** Whether every transaction of {@code other} is in this position; false for another flavor. */
  boolean atLeast(Position other);

  /**
   * This position with one transaction, or a set of them, added in the text of this flavor.
   *
   * @throws IllegalArgumentException when the text is malformed
   */
  Position with(String gtid);

  /**
   * A position further on in the same log, with what this one knows to lie before it.
   *
   * @throws IllegalArgumentException when the flavors differ
   */
  Position followedBy(Position later);

  /**
   * All transactions of both.
   *
   * @throws IllegalArgumentException when the flavors differ
   */
  Position union(Position other);
}
