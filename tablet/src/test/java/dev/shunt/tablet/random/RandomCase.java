package dev.shunt.tablet.random;

import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.tablet.vstreamer.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Some random tables and what a session with random settings does to them. Everything follows from
 * the seed and the kind of server. Statements that the server refuses do not count.
 */
final class RandomCase implements AutoCloseable {
  private static final String[] ACTIONS = {
    "", " ON DELETE RESTRICT", " ON DELETE CASCADE", " ON DELETE SET NULL"
  };
  private static final String[] MODES = {
    "", "ALLOW_INVALID_DATES", "NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES"
  };
  private static final String[] IMAGES = {"FULL", "FULL", "NOBLOB", "MINIMAL"};
  private static final String[] ZONES = {"+00:00", "+05:30", "-11:00"};

  private final long seed;
  private final Random random;
  private final List<RandomTable> tables = new ArrayList<>();
  private final List<RandomChanges> changes = new ArrayList<>();
  private final List<String> settings = new ArrayList<>();
  private final List<String> imageSettings = new ArrayList<>();
  private final boolean large;
  private final boolean huge;
  private @Nullable MysqlConnection connection;
  private int taken;
  private int refused;

  RandomCase(long seed, Engine engine) {
    this.seed = seed;
    this.random = new Random(seed);
    this.large = seed % 12 == 3;
    this.huge = seed % 100 == 50;
    settings.add("SET SESSION sql_mode = '" + MODES[random.nextInt(MODES.length)] + "'");
    settings.add("SET SESSION time_zone = '" + ZONES[random.nextInt(ZONES.length)] + "'");
    RandomTable.Maker maker = new RandomTable.Maker(random, engine);
    String name = (random.nextInt(6) == 0 ? "T \u00e9" : "t_") + seed;
    if (random.nextInt(5) > 0) {
      tables.add(maker.make(name, large || huge));
      changes.add(new RandomChanges(tables.getFirst(), random));
    } else {
      family(maker, name);
    }
    chooseImages(engine);
  }

  /**
   * By numbers of their own: older seeds keep their tables. Of a MariaDB only full images tell all
   * that these statements do, and of other servers' new rows only those that name all columns.
   */
  private void chooseImages(Engine engine) {
    Random images = new Random(~seed);
    String image = IMAGES[images.nextInt(IMAGES.length)];
    if (engine == Engine.MYSQL && tables.stream().noneMatch(RandomTable::keyedByPrefix)) {
      imageSettings.add("SET SESSION binlog_row_image = " + image);
      if (!image.equals("FULL")) {
        changes.forEach(RandomChanges::nameAllColumns);
      }
    }
    if (engine == Engine.MYSQL && images.nextBoolean()) {
      imageSettings.add("SET SESSION binlog_row_value_options = PARTIAL_JSON");
    }
  }

  private void family(RandomTable.Maker maker, String name) {
    String action = ACTIONS[random.nextInt(ACTIONS.length)];
    boolean cascades = action.contains("CASCADE") || action.contains("NULL");
    RandomTable parent = maker.makeParent(name + "p", cascades);
    RandomTable child = maker.makeChild(name + "c", parent, action);
    tables.add(parent);
    tables.add(child);
    RandomChanges ofParent = new RandomChanges(parent, random);
    RandomChanges ofChild = new RandomChanges(child, random);
    ofChild.share("parent", ofParent, "id");
    changes.add(ofParent);
    changes.add(ofChild);
  }

  long seed() {
    return seed;
  }

  List<RandomTable> tables() {
    return tables;
  }

  /** What the tables and the session are. */
  String describe() {
    StringBuilder text = new StringBuilder();
    tables.forEach(table -> text.append(table.create()).append(";\n"));
    settings.forEach(setting -> text.append(setting).append(";\n"));
    imageSettings.forEach(setting -> text.append(setting).append(";\n"));
    return text.append(taken)
        .append(" statements taken, ")
        .append(refused)
        .append(" refused")
        .toString();
  }

  /** Creates the tables in a database. */
  void create(TestDatabase database) {
    try (MysqlConnection creating = MysqlConnection.open(database.endpoint())) {
      for (RandomTable table : tables) {
        try {
          creating.execute("SET SESSION sql_mode = ''");
          creating.execute(table.create());
        } catch (MysqlException e) {
          throw new IllegalStateException(
              "seed " + seed + " makes no table: " + e.getMessage() + "\n" + table.create(), e);
        }
      }
    }
  }

  void drop(TestDatabase database) {
    for (RandomTable table : tables.reversed()) {
      try (MysqlConnection dropping = MysqlConnection.open(database.endpoint())) {
        dropping.execute("DROP TABLE IF EXISTS " + table.quoted());
      }
    }
  }

  /**
   * Opens the session and fills the tables.
   *
   * @param interrupted whether the copy will be, in which rows must not move by partial images
   */
  void fill(TestDatabase database, boolean interrupted) {
    MysqlConnection opened = MysqlConnection.open(database.endpoint());
    connection = opened;
    settings.forEach(opened::execute);
    if (!interrupted) {
      imageSettings.forEach(opened::execute);
    }
    int rows = random.nextInt(6) == 0 ? 0 : random.nextInt(20);
    for (int i = 0; i < rows; i++) {
      for (RandomChanges change : changes) {
        run(change.insert("INSERT IGNORE", 2));
      }
    }
    if (random.nextInt(3) == 0) {
      changes.forEach(change -> run(change.doubled()));
    }
    enlarge();
    change(5, false);
  }

  private void enlarge() {
    if (large || huge) {
      int times = huge ? 4_300_000 : 300_000;
      run(
          "UPDATE "
              + tables.getFirst().quoted()
              + " SET `large` = REPEAT(X'00275c0a', "
              + times
              + ") LIMIT 1");
    }
  }

  /**
   * Runs some transactions.
   *
   * @param copying whether the tables are copied meanwhile
   */
  void change(int transactions, boolean copying) {
    for (int i = 0; i < transactions; i++) {
      switch (random.nextInt(10)) {
        case 0, 1, 2, 3, 4 -> run(next(copying));
        case 5 -> {
          run("BEGIN");
          several(copying);
          run("ROLLBACK");
        }
        case 6 -> {
          run("BEGIN");
          several(copying);
          run("SAVEPOINT s");
          several(copying);
          run("ROLLBACK TO s");
          several(copying);
          run("COMMIT");
        }
        default -> {
          run("BEGIN");
          several(copying);
          run("COMMIT");
        }
      }
    }
  }

  /** What only a stream that runs is asked for. */
  void changeLargely() {
    imageSettings.forEach(this::run);
    change(15, false);
    enlarge();
    run("BEGIN");
    changes.forEach(change -> run(change.doubled()));
    several(false);
    run("COMMIT");
  }

  private void several(boolean copying) {
    for (int i = random.nextInt(5); i >= 0; i--) {
      run(next(copying));
    }
  }

  private String next(boolean copying) {
    return changes.get(random.nextInt(changes.size())).next(copying);
  }

  private void run(String statement) {
    MysqlConnection session = connection;
    if (session == null) {
      throw new IllegalStateException("not filled yet");
    }
    try {
      session.execute(statement);
      taken++;
    } catch (MysqlException e) {
      if (e.connectionLost()) {
        throw new IllegalStateException(
            "seed " + seed + ": " + e.getMessage() + "\n" + statement, e);
      }
      refused++;
    }
  }

  int taken() {
    return taken;
  }

  int refused() {
    return refused;
  }

  @Override
  public void close() {
    if (connection != null) {
      connection.close();
    }
  }
}
