package dev.shunt.tablet.random;

import dev.shunt.tablet.random.RandomColumn.Form;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Makes random statements that change the rows of one table. */
final class RandomChanges {
  private static final int REMEMBERED = 30;
  private static final String[] COMPARISONS = {" = ", " = ", " <=> ", " < ", " >= ", " <> "};

  private final RandomTable table;
  private final Random random;
  private final Map<String, List<String>> used = new HashMap<>();
  private int doublings;
  private boolean namesAll;

  RandomChanges(RandomTable table, Random random) {
    this.table = table;
    this.random = random;
  }

  /** New rows leave out no column from now on. */
  void nameAllColumns() {
    namesAll = true;
  }

  /**
   * A statement.
   *
   * @param copying whether rows that a foreign key refers to have to stay
   */
  String next(boolean copying) {
    boolean keep = copying && table.cascades();
    return switch (random.nextInt(16)) {
      case 0, 1, 2, 3 -> insert("INSERT", 1 + random.nextInt(4));
      case 4 -> insert("INSERT IGNORE", 1 + random.nextInt(9));
      case 5 -> keep ? insert("INSERT", 2) : insert("REPLACE", 1 + random.nextInt(4));
      case 6, 7 -> insert("INSERT", 1 + random.nextInt(3)) + onDuplicate();
      case 8, 9, 10 -> update("UPDATE ");
      case 11 -> table.cascades() ? update("UPDATE ") : updateKey();
      case 12 -> noChange();
      case 13 -> doubled();
      default -> keep ? update("UPDATE IGNORE ") : delete();
    };
  }

  String insert(String verb, int rows) {
    List<RandomColumn> columns = table.written();
    if (random.nextInt(4) == 0) {
      columns = columns.stream().filter(c -> table.inKey(c) || random.nextInt(3) > 0).toList();
    }
    if (namesAll || columns.isEmpty()) {
      columns = table.written();
    }
    List<String> values = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      values.add("(" + String.join(", ", columns.stream().map(this::value).toList()) + ")");
    }
    return verb
        + " INTO "
        + table.quoted()
        + " ("
        + names(columns)
        + ") VALUES "
        + String.join(", ", values);
  }

  private static String names(List<RandomColumn> columns) {
    return String.join(", ", columns.stream().map(RandomColumn::quoted).toList());
  }

  /** Changes many rows at once, and makes more of them. */
  String doubled() {
    List<RandomColumn> columns =
        table.written().stream().filter(c -> !c.name().equals(table.autoIncrement())).toList();
    if (columns.isEmpty() || doublings++ > 4) {
      return update("UPDATE ");
    }
    return "INSERT IGNORE INTO "
        + table.quoted()
        + " ("
        + names(columns)
        + ") SELECT "
        + names(columns)
        + " FROM "
        + table.quoted()
        + " LIMIT 300";
  }

  private String value(RandomColumn column) {
    if (column.nullable() && random.nextInt(8) == 0) {
      return "NULL";
    }
    List<String> before = used.computeIfAbsent(column.name(), name -> new ArrayList<>());
    if (!before.isEmpty() && random.nextInt(4) == 0) {
      return before.get(random.nextInt(before.size()));
    }
    return remember(column, column.literals().next(random));
  }

  private String remember(RandomColumn column, String literal) {
    RandomTable parent = table.parent();
    String known = column.name();
    if (parent != null && known.equals("parent")) {
      return literal;
    }
    List<String> before = used.computeIfAbsent(known, name -> new ArrayList<>());
    if (literal.length() < 300) {
      before.add(literal);
      if (before.size() > REMEMBERED) {
        before.remove(random.nextInt(REMEMBERED));
      }
    }
    return literal;
  }

  /** Has values of another table's column used for one of this table. */
  void share(String column, RandomChanges other, String otherColumn) {
    used.put(column, other.used.computeIfAbsent(otherColumn, name -> new ArrayList<>()));
  }

  private String onDuplicate() {
    List<RandomColumn> changed = table.written().stream().filter(c -> !table.inKey(c)).toList();
    if (changed.isEmpty()) {
      String column = table.written().getFirst().quoted();
      return " ON DUPLICATE KEY UPDATE " + column + " = " + column;
    }
    RandomColumn column = changed.get(random.nextInt(changed.size()));
    String value = random.nextBoolean() ? "VALUES(" + column.quoted() + ")" : value(column);
    return " ON DUPLICATE KEY UPDATE " + column.quoted() + " = " + value;
  }

  private String update(String verb) {
    List<RandomColumn> columns = table.written().stream().filter(c -> !table.inKey(c)).toList();
    if (columns.isEmpty()) {
      return noChange();
    }
    List<String> set = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      RandomColumn column = columns.get(random.nextInt(columns.size()));
      set.add(column.quoted() + " = " + change(column));
    }
    return verb + table.quoted() + " SET " + String.join(", ", set) + where() + limit();
  }

  private String change(RandomColumn column) {
    if (column.form() == Form.JSON && random.nextInt(3) > 0) {
      return JsonValues.change(column.quoted(), random);
    }
    if (column.form() == Form.INTEGER && random.nextInt(3) == 0) {
      return column.quoted() + " + 1";
    }
    return value(column);
  }

  private String updateKey() {
    List<RandomColumn> columns = table.written().stream().filter(table::inKey).toList();
    if (columns.isEmpty()) {
      return update("UPDATE ");
    }
    RandomColumn column = columns.get(random.nextInt(columns.size()));
    boolean counts = column.form() == Form.INTEGER && random.nextBoolean();
    String value = counts ? column.quoted() + " + 7" : value(column);
    String verb = random.nextBoolean() ? "UPDATE IGNORE " : "UPDATE ";
    String order = counts && random.nextBoolean() ? " ORDER BY " + column.quoted() + " DESC" : "";
    return verb + table.quoted() + " SET " + column.quoted() + " = " + value + where() + order;
  }

  private String noChange() {
    RandomColumn column = table.written().get(random.nextInt(table.written().size()));
    return "UPDATE "
        + table.quoted()
        + " SET "
        + column.quoted()
        + " = "
        + column.quoted()
        + where();
  }

  private String delete() {
    String where = where();
    return "DELETE FROM " + table.quoted() + where + (where.isEmpty() ? " LIMIT 3" : limit());
  }

  private String limit() {
    return random.nextInt(3) == 0 ? " LIMIT " + random.nextInt(1, 8) : "";
  }

  private String where() {
    List<RandomColumn> columns = table.columns().stream().filter(RandomColumn::compared).toList();
    if (columns.isEmpty() || random.nextInt(12) == 0) {
      return "";
    }
    List<RandomColumn> keys = columns.stream().filter(table::inKey).toList();
    List<RandomColumn> from = keys.isEmpty() || random.nextInt(3) == 0 ? columns : keys;
    RandomColumn column = from.get(random.nextInt(from.size()));
    if (column.nullable() && random.nextInt(6) == 0) {
      return " WHERE " + column.quoted() + " IS NULL";
    }
    List<String> before = used.getOrDefault(column.name(), List.of());
    String literal =
        before.isEmpty()
            ? column.literals().next(random)
            : before.get(random.nextInt(before.size()));
    if (literal.equals("DEFAULT")) {
      literal = "0";
    }
    String comparison = COMPARISONS[random.nextInt(COMPARISONS.length)];
    return " WHERE " + column.quoted() + comparison + literal;
  }
}
