package dev.shunt.tablet.random;

import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.vreplication.StreamingCluster;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rows that are loaded, joined and applied side by side end as those that are written one by one, a
 * statement each in the source's order: in equal tables, or in the same refusal. The target's
 * tables are unlike the source's. Every other time the streams are stopped meanwhile, so that they
 * find all changes at once and join as many as they can.
 *
 * <p>Settings: {@code twin.cases}, {@code twin.seed}, {@code random.tables.kinds}. Seeds in {@code
 * plain-twin.seeds} found a fault once and run first.
 */
class PlainTwinIT {
  private static final Logger log = LoggerFactory.getLogger(PlainTwinIT.class);
  private static final int CASES = Integer.getInteger("twin.cases", 10);
  private static final long SEED = Long.getLong("twin.seed", 7_000_000L);
  private static final String KINDS =
      System.getProperty("random.tables.kinds", "MARIADB_11_4,MYSQL");
  private static final int CASES_AT_A_TIME = 10;
  private static final List<String> SIDES = List.of("a_", "b_");
  private static final Pattern ERRNO = Pattern.compile("errno (\\d+)");

  /** What servers and ways of writing say of the same: a value that a column does not take. */
  private static final List<String> OF_VALUES =
      List.of(
          "1048", "1263", "1264", "1265", "1292", "1300", "1366", "1406", "1411", "3673", "3140",
          "4025");

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    List<String> wanted = Arrays.asList(KINDS.split(",", -1));
    return DatabaseKind.available().stream().filter(kind -> wanted.contains(kind.name())).toList();
  }

  /** A case and its streams: the fast one and the plain one. */
  private record Twin(RandomCase source, int fast, int plain) {}

  @ParameterizedTest
  @MethodSource("kinds")
  void endEqualOrInTheSameRefusal(DatabaseKind kind) {
    List<String> failures = new ArrayList<>();
    Map<String, Integer> ends = new TreeMap<>();
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind)) {
      Set<Long> all = new LinkedHashSet<>(keptSeeds());
      LongStream.range(SEED, SEED + CASES).forEach(all::add);
      List<Long> seeds = List.copyOf(all);
      for (int i = 0; i < seeds.size(); i += CASES_AT_A_TIME) {
        List<RandomCase> cases = new ArrayList<>();
        for (long each : seeds.subList(i, Math.min(seeds.size(), i + CASES_AT_A_TIME))) {
          cases.add(new RandomCase(each, kind.engine()));
        }
        boolean atOnce = i / CASES_AT_A_TIME % 2 == 0;
        run(cluster, cases, atOnce, failures, ends);
      }
    }
    log.atInfo().addKeyValue("kind", kind).addKeyValue("ends", ends).log("twins");
    assertThat(failures).as("differences, first seed %d", SEED).isEmpty();
    if (CASES >= CASES_AT_A_TIME) {
      assertThat(ends.keySet()).as("some are refused, some are not").contains("equal");
    }
  }

  private static List<Long> keptSeeds() {
    try (InputStream in = PlainTwinIT.class.getResourceAsStream("/plain-twin.seeds")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      return text.lines()
          .map(line -> line.replaceFirst("#.*", "").strip())
          .filter(line -> !line.isEmpty())
          .map(Long::valueOf)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void run(
      StreamingCluster cluster,
      List<RandomCase> cases,
      boolean atOnce,
      List<String> failures,
      Map<String, Integer> ends) {
    List<Twin> twins = new ArrayList<>();
    try (Ending _ = () -> end(cluster, cases, twins)) {
      for (RandomCase each : cases) {
        create(cluster, each);
        each.fill(cluster.source, false);
      }
      for (RandomCase each : cases) {
        twins.add(
            new Twin(
                each,
                cluster.stream(everything(cluster, each, SIDES.getFirst())),
                cluster.streamRowByRow(everything(cluster, each, SIDES.getLast()))));
      }
      Map<Integer, String> refused = new HashMap<>();
      twins.forEach(twin -> awaitSettled(cluster, twin, "", refused));
      if (atOnce) {
        twins.forEach(twin -> stop(cluster, twin, refused));
      }
      for (RandomCase each : cases) {
        each.change(15, false);
        each.changeLargely();
      }
      if (atOnce) {
        twins.forEach(twin -> goOn(cluster, twin, refused));
      }
      String end = cluster.sourcePosition().encoded();
      for (Twin twin : twins) {
        awaitSettled(cluster, twin, end, refused);
        int before = failures.size();
        judge(cluster, twin, refused, failures, ends);
        if (failures.size() > before) {
          log.atWarn().addKeyValue("failures", failures.size()).log(failures.getLast());
        }
      }
    }
  }

  /** A failure of it is added to the one before, which it would hide otherwise. */
  private interface Ending extends AutoCloseable {
    @Override
    void close();
  }

  private static void end(StreamingCluster cluster, List<RandomCase> cases, List<Twin> twins) {
    cases.forEach(RandomCase::close);
    for (Twin twin : twins) {
      cluster.delete(twin.fast());
      cluster.delete(twin.plain());
    }
    cases.forEach(each -> drop(cluster, each));
  }

  private static void stop(StreamingCluster cluster, Twin twin, Map<Integer, String> refused) {
    for (int id : List.of(twin.fast(), twin.plain())) {
      if (!refused.containsKey(id)) {
        cluster.stop(id);
      }
    }
  }

  private static void goOn(StreamingCluster cluster, Twin twin, Map<Integer, String> refused) {
    for (int id : List.of(twin.fast(), twin.plain())) {
      if (!refused.containsKey(id)) {
        cluster.goOn(id);
      }
    }
  }

  private static void create(StreamingCluster cluster, RandomCase each) {
    each.create(cluster.source);
    Random random = new Random(each.seed() * 31);
    try (MysqlConnection connection = MysqlConnection.open(cluster.target.endpoint())) {
      each.tables().forEach(table -> UnlikeTable.create(connection, table, random, SIDES));
    }
  }

  private static void drop(StreamingCluster cluster, RandomCase each) {
    each.drop(cluster.source);
    try (MysqlConnection connection = MysqlConnection.open(cluster.target.endpoint())) {
      for (RandomTable table : each.tables().reversed()) {
        for (String side : SIDES) {
          connection.execute(
              "DROP TABLE IF EXISTS " + SqlText.identifier(UnlikeTable.name(table, side)));
        }
      }
    }
  }

  private static Binlogdata.BinlogSource everything(
      StreamingCluster cluster, RandomCase each, String side) {
    return cluster.binlogSource(
        each.tables().stream()
            .map(table ->
                StreamingCluster.rule(
                    UnlikeTable.name(table, side), "select * from " + table.quoted()))
            .toArray(Binlogdata.Rule[]::new));
  }

  /** Waits for an end, and keeps what was said instead: it may be tried again, and be gone then. */
  private static void awaitSettled(
      StreamingCluster cluster, Twin twin, String end, Map<Integer, String> refused) {
    for (int id : List.of(twin.fast(), twin.plain())) {
      Awaitility.await()
          .atMost(Duration.ofMinutes(3))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> {
            String message = cluster.column(id, "message");
            if (!message.isEmpty()) {
              refused.putIfAbsent(id, message);
            }
            return refused.containsKey(id)
                || (cluster.column(id, "state").equals("Running")
                    && (end.isEmpty() || cluster.hasReached(id, end)));
          });
    }
  }

  private static void judge(
      StreamingCluster cluster,
      Twin twin,
      Map<Integer, String> refused,
      List<String> failures,
      Map<String, Integer> ends) {
    String fast = refusal(refused.getOrDefault(twin.fast(), ""));
    String plain = refusal(refused.getOrDefault(twin.plain(), ""));
    // Two tables are copied at a time: which of two reasons comes first is chance.
    boolean chance = twin.source().tables().size() > 1 && !fast.isEmpty() && !plain.isEmpty();
    if (!fast.equals(plain) && !chance) {
      failures.add(
          describe(cluster, twin)
              + "\nfast: "
              + refused.getOrDefault(twin.fast(), "")
              + "\nplain: "
              + refused.getOrDefault(twin.plain(), "")
              + shown(cluster, twin));
      return;
    }
    if (fast.isEmpty()) {
      for (RandomTable table : twin.source().tables()) {
        List<String> joined = rows(cluster, table, SIDES.getFirst());
        List<String> single = rows(cluster, table, SIDES.getLast());
        if (!joined.equals(single)) {
          failures.add(describe(cluster, twin) + "\nfast:  " + joined + "\nplain: " + single);
          return;
        }
      }
    }
    String what = fast.isEmpty() ? "equal" : fast.length() > 60 ? fast.substring(0, 60) : fast;
    ends.merge(what.startsWith("column ") ? "refused by name" : what, 1, Integer::sum);
  }

  private static String shown(StreamingCluster cluster, Twin twin) {
    StringBuilder text = new StringBuilder();
    for (RandomTable table : twin.source().tables()) {
      for (String side : SIDES) {
        String rows = String.join("\n", rows(cluster, table, side));
        text.append('\n').append(side).append(": ").append(rows, 0, Math.min(rows.length(), 2000));
      }
    }
    return text.toString();
  }

  private static List<String> rows(StreamingCluster cluster, RandomTable table, String side) {
    return cluster.targetRows(SqlText.identifier(UnlikeTable.name(table, side)));
  }

  /** What a message says, whichever table and way of writing it is about. */
  private static String refusal(String message) {
    Matcher errno = ERRNO.matcher(message);
    if (errno.find()) {
      return OF_VALUES.contains(errno.group(1)) ? "errno of values" : "errno " + errno.group(1);
    }
    return message.replace("terminal error: ", "").replaceAll("\\b[ab]_", "");
  }

  private static String describe(StreamingCluster cluster, Twin twin) {
    StringBuilder text = new StringBuilder("seed " + twin.source().seed() + ":\n");
    text.append(twin.source().describe());
    try (MysqlConnection connection = MysqlConnection.open(cluster.target.endpoint())) {
      for (RandomTable table : twin.source().tables()) {
        text.append('\n')
            .append(
                connection
                    .execute(
                        "SHOW CREATE TABLE "
                            + SqlText.identifier(UnlikeTable.name(table, SIDES.getFirst())))
                    .only()
                    .text(1));
      }
    }
    return text.toString();
  }
}
