package dev.shunt.tablet.vreplication.writing;

import java.util.Set;

/**
 * Decides how values of a field of the source get into a column of the target: whether they arrive
 * exactly, and if not by themselves then how. What a strict server refuses value by value, such as
 * a text that is too long or a number out of range, is left to it; refused here is what a server
 * rounds, cuts, pads or reads as something else without an error. The same for rows that are copied
 * and for changes that are applied.
 */
final class FieldRule {
  /** Character sets in which ASCII texts have other bytes. */
  private static final Set<String> WIDE = Set.of("utf16", "utf16le", "utf32", "ucs2");

  /** How values get there. */
  sealed interface Arrival {
    /** As they are. */
    record AsIs() implements Arrival {}

    /**
     * As texts of another character set, which the server converts or refuses.
     *
     * @param charset that of the source
     */
    record Recoded(String charset) implements Arrival {}

    /**
     * Not exactly.
     *
     * @param what becomes of values
     * @param narrowed whether they lose digits or blanks only, which may be wanted
     */
    record Refused(String what, boolean narrowed) implements Arrival {}
  }

  private static final Arrival AS_IS = new Arrival.AsIs();

  private FieldRule() {}

  private static Arrival lost(String what) {
    return new Arrival.Refused(what, false);
  }

  private static Arrival narrowed(String what) {
    return new Arrival.Refused(what, true);
  }

  /**
   * The arrival of a field in a column.
   *
   * @param inKey whether the target distinguishes rows by the column
   */
  static Arrival of(ColumnForm source, ColumnForm target, boolean inKey) {
    if (source.unknown()) {
      return AS_IS;
    }
    Arrival arrival = byType(source, target);
    if (arrival instanceof Arrival.Refused) {
      return arrival;
    }
    if (source.nullable() && !target.nullable() && target.type().equals("timestamp")) {
      return lost("a NULL may become the current time");
    }
    if (inKey && target.text() && sensitivity(target) < sensitivity(source)) {
      return lost(
          "values that collation "
              + source.collation()
              + " tells apart may be equal in the target's key, whose collation is "
              + target.collation());
    }
    return arrival;
  }

  /**
   * Whether a strict server takes every value that a field can have. Where it is not known it does
   * not.
   */
  static boolean takesAll(ColumnForm source, ColumnForm target) {
    if (source.unknown() || (source.nullable() && !target.nullable())) {
      return false;
    }
    if (source.integer() && target.integer()) {
      return source.unsigned() == target.unsigned() && bits(source) <= bits(target);
    }
    if (!source.type().equals(target.type()) || source.unsigned() != target.unsigned()) {
      return false;
    }
    if (source.text() || source.enumerated()) {
      return !source.charset().isEmpty()
          && source.charset().equals(target.charset())
          && source.size() <= target.size()
          && source.elements().equals(target.elements());
    }
    if (source.type().equals("bit") || source.bytes()) {
      return source.size() <= target.size();
    }
    return !source.spatial() && source.sizes().equals(target.sizes());
  }

  private static Arrival byType(ColumnForm source, ColumnForm target) {
    if (source.integer() || source.type().equals("year")) {
      return number(source, target);
    }
    if (source.text()) {
      return text(source, target);
    }
    if (source.enumerated()) {
      return enumerated(source, target);
    }
    if (source.bytes()) {
      return bytes(source, target);
    }
    return switch (source.type()) {
      case "decimal" -> decimal(source, target);
      case "float", "double" -> floating(source, target);
      case "bit" ->
          !target.type().equals("bit")
              ? otherType()
              : target.size() < source.size() ? lost("bits may be lost") : AS_IS;
      case "date" -> target.type().equals("date") ? AS_IS : otherTime(source, target);
      case "datetime", "timestamp", "time" -> time(source, target);
      case "json" ->
          target.type().equals("json") ? AS_IS : target.text() ? text(source, target) : otherType();
      case "uuid", "inet4", "inet6" ->
          target.type().equals(source.type()) ? AS_IS : asciiText(target);
      case "vector" ->
          target.type().equals("vector") || variableBytes(target) ? AS_IS : otherType();
      default -> spatial(source, target);
    };
  }

  private static Arrival otherType() {
    return lost("the types have no value in common that is sure to stay the same");
  }

  /** What is written in ASCII. */
  private static Arrival asciiText(ColumnForm target) {
    boolean takes = target.text() && !WIDE.contains(target.charset());
    return takes || variableBytes(target) ? AS_IS : otherType();
  }

  /** Out of range is an error. */
  private static Arrival number(ColumnForm source, ColumnForm target) {
    if (target.integer() || (target.type().equals("decimal") && target.scale() >= 0)) {
      return AS_IS;
    }
    if (target.floating()) {
      int bits = target.type().equals("float") ? 24 : 53;
      return bits(source) <= bits && target.scale() < 0
          ? AS_IS
          : narrowed("large numbers are rounded");
    }
    return target.type().equals("year") && source.type().equals("year") ? AS_IS : asciiText(target);
  }

  private static int bits(ColumnForm integer) {
    return switch (integer.type()) {
      case "tinyint" -> 8;
      case "smallint", "year" -> 16;
      case "mediumint" -> 24;
      case "int" -> 32;
      default -> 64;
    };
  }

  private static Arrival decimal(ColumnForm source, ColumnForm target) {
    if (target.type().equals("decimal")) {
      return target.scale() < source.scale()
          ? narrowed("digits behind the point are rounded away")
          : AS_IS;
    }
    if (target.integer()) {
      return source.scale() > 0 ? narrowed("digits behind the point are rounded away") : AS_IS;
    }
    return target.floating() ? narrowed("digits are rounded away") : asciiText(target);
  }

  private static Arrival floating(ColumnForm source, ColumnForm target) {
    if (target.integer() || target.type().equals("decimal")) {
      return narrowed("digits are rounded away");
    }
    if (!target.floating()) {
      return otherType();
    }
    boolean rounds = target.scale() >= 0 && (source.scale() < 0 || source.scale() > target.scale());
    boolean shorter = target.type().equals("float") && source.type().equals("double");
    return rounds || shorter ? narrowed("digits are rounded away") : AS_IS;
  }

  private static Arrival time(ColumnForm source, ColumnForm target) {
    if (!target.type().equals(source.type())) {
      return otherTime(source, target);
    }
    return target.fraction() < source.fraction()
        ? narrowed("fractions of a second are rounded away")
        : AS_IS;
  }

  private static Arrival otherTime(ColumnForm source, ColumnForm target) {
    return source.type().equals("timestamp") || target.type().equals("timestamp")
        ? lost("one is an instant, the other a time of a zone that is not told")
        : asciiText(target);
  }

  private static Arrival text(ColumnForm source, ColumnForm target) {
    if (target.text()) {
      if (target.type().equals("char") && source.endsInBlanks()) {
        return narrowed("blanks at the end are cut off");
      }
      return recoded(source, target);
    }
    if (target.type().equals("json")) {
      boolean unicode = source.charset().startsWith("utf8") || source.charset().isEmpty();
      return !unicode
          ? otherType()
          : narrowed("the server writes JSON in another way, and drops doubled names");
    }
    if (target.type().equals("binary")) {
      return lost("values get zero bytes at their end");
    }
    return variableBytes(target) ? AS_IS : otherType();
  }

  private static Arrival enumerated(ColumnForm source, ColumnForm target) {
    if (!target.enumerated()) {
      return text(source, target);
    }
    int count = source.elements().size();
    boolean begins =
        target.type().equals(source.type())
            && target.elements().size() >= count
            && target.elements().subList(0, count).equals(source.elements());
    return begins
        ? recoded(source, target)
        : lost("the target's elements do not begin with those of the source");
  }

  private static Arrival recoded(ColumnForm source, ColumnForm target) {
    String from = source.charset();
    String to = target.charset().isEmpty() ? "binary" : target.charset();
    boolean same =
        from.isEmpty()
            || from.equals(to)
            || to.equals("binary")
            || (from.equals("ascii") && !WIDE.contains(to))
            || (from.equals("utf8mb3") && to.equals("utf8mb4"));
    // A server warns of the older name, as if values were bad; the bytes are the same.
    return same ? AS_IS : new Arrival.Recoded(from.equals("utf8mb3") ? "utf8mb4" : from);
  }

  private static Arrival bytes(ColumnForm source, ColumnForm target) {
    if (target.type().equals("binary")) {
      boolean same = source.type().equals("binary") && source.size() == target.size();
      return same ? AS_IS : lost("values get zero bytes at their end");
    }
    if (target.text() || target.enumerated()) {
      return lost("bytes would be read in the character set " + target.charset());
    }
    return variableBytes(target) ? AS_IS : otherType();
  }

  private static boolean variableBytes(ColumnForm target) {
    return target.bytes() && !target.type().equals("binary");
  }

  private static Arrival spatial(ColumnForm source, ColumnForm target) {
    boolean takes =
        target.type().equals(source.type())
            || (source.spatial() && (target.spatial() || variableBytes(target)));
    return takes ? AS_IS : otherType();
  }

  /**
   * The higher, the more texts differ; those of collations that are not known are left to the
   * server.
   */
  private static int sensitivity(ColumnForm column) {
    String collation = column.collation();
    if (collation.endsWith("_bin")) {
      return 3;
    }
    if (collation.contains("_cs")) {
      return 2;
    }
    return collation.contains("_as_ci") ? 1 : 0;
  }
}
