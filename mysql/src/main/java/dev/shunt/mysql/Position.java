package dev.shunt.mysql;

import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How far a server's log of changes goes: the set of transactions that it contains. Values of one
 * form are comparable with each other only. Immutable; equal when they hold the same transactions.
 *
 * <p>The encoded form is Vitess's: a prefix that names the form, a slash, and the server's own
 * text, such as {@code MySQL56/3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5} or {@code
 * MariaDB/0-1-5,2-1-7}.
 */
public interface Position {
  /**
   * Reads the encoded form.
   *
   * @throws IllegalArgumentException when it has no known prefix or is malformed
   */
  static Position parse(String encoded) {
    int slash = encoded.indexOf('/');
    String prefix = slash > 0 ? encoded.substring(0, slash) : "";
    for (Flavor flavor : Flavor.KNOWN) {
      if (flavor.positions().prefix().equals(prefix)) {
        return flavor.positions().parse(encoded.substring(slash + 1));
      }
    }
    throw new IllegalArgumentException(
        "position '"
            + encoded
            + "' must start with "
            + Flavor.KNOWN.stream()
                .map(flavor -> flavor.positions().prefix() + "/")
                .distinct()
                .collect(Collectors.joining(" or ")));
  }

  /**
   * Reads the encoded form, or the text that servers use alone, as other tools write it.
   *
   * @return empty when it is malformed, or text without a transaction
   */
  static Optional<Position> ofAnyForm(String text) {
    Stream<Supplier<Position>> forms =
        text.indexOf('/') >= 0
            ? Stream.of(() -> parse(text))
            : Flavor.KNOWN.stream().map(flavor -> () -> flavor.positions().parse(text));
    return forms.flatMap(form -> wellFormed(form).stream()).findFirst();
  }

  private static Optional<Position> wellFormed(Supplier<Position> form) {
    try {
      return Optional.of(form.get()).filter(position -> !position.isEmpty());
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /** What stands before the slash of the encoded form. */
  String prefix();

  /** The text that servers use, in their order. */
  String text();

  /** The form with the prefix. */
  default String encoded() {
    return prefix() + "/" + text();
  }

  boolean isEmpty();

  /** Whether every transaction of {@code other} is in this position; false for another form. */
  boolean atLeast(Position other);

  /** Whether the text has all that {@link #followedBy} would remember of this position. */
  boolean isTextComplete();

  /**
   * This position with one transaction, or a set of them, added in the text of this form.
   *
   * @throws IllegalArgumentException when the text is malformed
   */
  Position with(String gtid);

  /**
   * A position further on in the same log, with what this one knows to lie before it.
   *
   * @throws IllegalArgumentException when the forms differ
   */
  Position followedBy(Position later);

  /**
   * All transactions of both.
   *
   * @throws IllegalArgumentException when the forms differ
   */
  Position union(Position other);
}
