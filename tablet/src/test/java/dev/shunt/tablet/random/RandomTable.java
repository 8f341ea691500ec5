package dev.shunt.tablet.random;

import dev.shunt.embedded.Engine;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.random.RandomColumn.Form;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A random table.
 *
 * @param name its name
 * @param columns its columns in order
 * @param key names of the columns that are its primary or first unique key; empty for none
 * @param autoIncrement its AUTO_INCREMENT column
 * @param keys definitions of its keys
 * @param parent the table that its column {@code parent} refers to
 * @param cascades whether a foreign key changes rows when rows of this table go
 */
record RandomTable(
    String name,
    List<RandomColumn> columns,
    List<String> key,
    @Nullable String autoIncrement,
    List<String> keys,
    @Nullable RandomTable parent,
    boolean cascades) {
  private static final String[] NAMES = {"a`b", "select", "Gr\u00f6\u00dfe", "x y", "UPPER", "k.l"};

  String quoted() {
    return SqlText.identifier(name);
  }

  List<RandomColumn> written() {
    return columns.stream().filter(RandomColumn::written).toList();
  }

  /** Whether it has a primary key by which the tablet does not tell rows apart. */
  boolean keyedByPrefix() {
    return keys.stream().anyMatch(definition -> definition.startsWith("PRIMARY KEY (p("));
  }

  boolean inKey(RandomColumn column) {
    return key.contains(column.name());
  }

  /** The statement that creates it. */
  String create() {
    List<String> parts = new ArrayList<>();
    columns.forEach(column -> parts.add(column.quoted() + " " + column.definition()));
    parts.addAll(keys);
    return "CREATE TABLE " + quoted() + " (\n  " + String.join(",\n  ", parts) + "\n)";
  }

  /** Makes tables. */
  static final class Maker {
    private final Random random;
    private final Engine engine;
    private final ColumnKinds kinds;
    private List<RandomColumn> columns = new ArrayList<>();
    private List<String> keys = new ArrayList<>();
    private List<String> key = List.of();
    private @Nullable String autoIncrement;

    Maker(Random random, Engine engine) {
      this.random = random;
      this.engine = engine;
      this.kinds = new ColumnKinds(engine, random);
    }

    private void begin() {
      columns = new ArrayList<>();
      keys = new ArrayList<>();
      key = List.of();
      autoIncrement = null;
    }

    RandomTable make(String name, boolean large) {
      begin();
      addKey();
      if (large) {
        columns.add(
            new RandomColumn("large", "LONGBLOB", "", Values.bytes(300), Form.PREFIX_KEY, true));
      }
      for (int i = random.nextInt(10); i > 0; i--) {
        columns.add(kinds.any(columnName()));
      }
      return finish(name, null, false);
    }

    /** A table that others refer to by its key. */
    RandomTable makeParent(String name, boolean cascades) {
      begin();
      RandomColumn id = random.nextBoolean() ? kinds.integer("id") : kinds.forKey("id");
      while (id.form() == Form.FLOATING) {
        id = kinds.forKey("id");
      }
      columns.add(id.nullable(false));
      primary(List.of("id"));
      for (int i = random.nextInt(4); i > 0; i--) {
        columns.add(kinds.any(columnName()));
      }
      return finish(name, null, cascades);
    }

    RandomTable makeChild(String name, RandomTable parent, String onDelete) {
      begin();
      addKey();
      RandomColumn id =
          parent.columns().stream().filter(c -> c.name().equals("id")).findFirst().orElseThrow();
      columns.add(id.named("parent").nullable(true));
      for (int i = random.nextInt(4); i > 0; i--) {
        columns.add(kinds.any(columnName()));
      }
      RandomTable child = finish(name, parent, false);
      List<String> all = new ArrayList<>(child.keys());
      all.add("FOREIGN KEY (parent) REFERENCES " + parent.quoted() + " (id)" + onDelete);
      return new RandomTable(
          name, child.columns(), child.key(), child.autoIncrement(), all, parent, false);
    }

    private String columnName() {
      String plain = "c" + columns.size();
      if (random.nextInt(5) > 0) {
        return plain;
      }
      return NAMES[random.nextInt(NAMES.length)] + columns.size();
    }

    private void primary(List<String> names) {
      key = names;
      keys.add("PRIMARY KEY (" + quoted(names) + ")");
    }

    private static String quoted(List<String> names) {
      return String.join(", ", names.stream().map(SqlText::identifier).toList());
    }

    private void addKey() {
      switch (random.nextInt(10)) {
        case 0, 1 -> counted();
        case 2, 3 -> {
          columns.add(kinds.forKey("id"));
          primary(List.of("id"));
        }
        case 4, 5 -> {
          List<String> names = several(random.nextInt(2, 4));
          Collections.shuffle(names, random);
          primary(names);
        }
        case 6 -> {
          key = several(random.nextInt(1, 3));
          keys.add("UNIQUE KEY u (" + quoted(key) + ")");
        }
        case 7 -> nullableKey();
        case 8 -> prefixKey();
        default -> {
          columns.add(kinds.any("plain"));
        }
      }
    }

    private void counted() {
      RandomColumn id = kinds.integer("id").nullable(false);
      Literals literals = id.literals();
      Literals counted =
          r ->
              switch (r.nextInt(4)) {
                case 0 -> "0";
                case 1 -> "DEFAULT";
                default -> literals.next(r);
              };
      columns.add(id.with(" AUTO_INCREMENT").with(counted));
      autoIncrement = "id";
      primary(List.of("id"));
    }

    private List<String> several(int count) {
      List<String> names = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        RandomColumn column = kinds.forKey("k" + i);
        columns.add(column);
        names.add(column.name());
      }
      return names;
    }

    private void nullableKey() {
      columns.add(kinds.forKey("u").nullable(true));
      key = List.of("u");
      keys.add("UNIQUE KEY u (u)");
    }

    private void prefixKey() {
      RandomColumn column = kinds.forPrefix("p").nullable(false);
      columns.add(column);
      columns.add(kinds.integer("n").nullable(false));
      key = List.of("p", "n");
      String kind = random.nextBoolean() ? "PRIMARY KEY" : "UNIQUE KEY u";
      keys.add(kind + " (p(" + random.nextInt(1, 6) + "), n)");
    }

    private RandomTable finish(String name, @Nullable RandomTable parent, boolean cascades) {
      addGenerated();
      hide();
      addSecondaryKeys();
      return new RandomTable(
          name, List.copyOf(columns), key, autoIncrement, List.copyOf(keys), parent, cascades);
    }

    private void addGenerated() {
      List<RandomColumn> numbers =
          columns.stream()
              .filter(c ->
                  c.form() == Form.INTEGER
                      && !c.name().equals(autoIncrement)
                      && !c.name().equals("parent"))
              .toList();
      if (numbers.isEmpty() || random.nextInt(3) > 0) {
        return;
      }
      RandomColumn number = numbers.get(random.nextInt(numbers.size()));
      String kind = random.nextBoolean() ? "VIRTUAL" : "STORED";
      columns.add(
          random.nextInt(columns.size() + 1),
          new RandomColumn(
              "made",
              "INT AS (" + number.quoted() + " % 1000) " + kind,
              "",
              r -> Integer.toString(r.nextInt(20)),
              Form.GENERATED,
              true));
      if (random.nextBoolean()) {
        keys.add("KEY made (made)");
      }
    }

    private void hide() {
      int at = random.nextInt(columns.size());
      RandomColumn column = columns.get(at);
      boolean mayHide =
          columns.size() > 2
              && random.nextInt(5) == 0
              && column.form() != Form.GENERATED
              && !column.definition().contains("AUTO_INCREMENT");
      if (!mayHide) {
        return;
      }
      if (engine == Engine.MYSQL || column.nullable() || column.definition().contains("DEFAULT")) {
        columns.set(at, column.with(" INVISIBLE"));
      }
    }

    private void addSecondaryKeys() {
      List<RandomColumn> usable = columns.stream().filter(RandomColumn::inKeys).toList();
      for (int i = random.nextInt(3); i > 0 && !usable.isEmpty(); i--) {
        RandomColumn column = usable.get(random.nextInt(usable.size()));
        String kind = random.nextInt(4) == 0 ? "UNIQUE KEY" : "KEY";
        keys.add(kind + " s" + i + " (" + column.quoted() + ")");
      }
    }
  }
}
