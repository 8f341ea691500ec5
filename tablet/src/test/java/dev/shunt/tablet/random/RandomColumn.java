package dev.shunt.tablet.random;

import dev.shunt.mysql.SqlText;

/**
 * A column of a random table.
 *
 * @param name its name
 * @param type its type, as in CREATE TABLE
 * @param attributes what stands behind type and nullability in CREATE TABLE
 * @param literals makes values for it
 * @param form what can be done with it
 * @param nullable whether it takes NULL
 */
record RandomColumn(
    String name, String type, String attributes, Literals literals, Form form, boolean nullable) {

  /** What statements can do with a column. */
  enum Form {
    /** Compared, and part of keys as it is. */
    KEY,
    /** An integer: as KEY, and what is computed. */
    INTEGER,
    /** Compared, and part of keys by its first bytes. */
    PREFIX_KEY,
    /** FLOAT and DOUBLE, which print fewer digits than they have. */
    FLOATING,
    /** MySQL's JSON. */
    JSON,
    /** Not compared. */
    OPAQUE,
    /** Computed from others. */
    GENERATED
  }

  String quoted() {
    return SqlText.identifier(name);
  }

  boolean written() {
    return form != Form.GENERATED;
  }

  boolean compared() {
    return switch (form) {
      case KEY, INTEGER, PREFIX_KEY, FLOATING, GENERATED -> true;
      case JSON, OPAQUE -> false;
    };
  }

  boolean inKeys() {
    return form == Form.KEY || form == Form.INTEGER;
  }

  /** As CREATE TABLE has it, behind the name. */
  String definition() {
    String nullability = form == Form.GENERATED ? "" : nullable ? " NULL" : " NOT NULL";
    return type + nullability + attributes;
  }

  /** The same that takes NULL or not. */
  RandomColumn nullable(boolean takesNull) {
    return new RandomColumn(name, type, attributes, literals, form, takesNull);
  }

  /** The same under another name. */
  RandomColumn named(String other) {
    return new RandomColumn(other, type, attributes, literals, form, nullable);
  }

  /** With more attributes. */
  RandomColumn with(String more) {
    return new RandomColumn(name, type, attributes + more, literals, form, nullable);
  }

  /** With other values. */
  RandomColumn with(Literals others) {
    return new RandomColumn(name, type, attributes, others, form, nullable);
  }

  /** What reads all there is of a value: text has fewer digits than a FLOAT. */
  String exact() {
    return switch (form) {
      case FLOATING -> "CAST(" + quoted() + " AS DOUBLE)";
      // Types that JSON text does not have are lost by design.
      case JSON -> "CAST(CAST(CONVERT(" + quoted() + " USING utf8mb4) AS JSON) AS CHAR)";
      case KEY, INTEGER, PREFIX_KEY, OPAQUE, GENERATED -> quoted();
    };
  }
}
