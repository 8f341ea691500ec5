package dev.shunt.tablet.random;

import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.vreplication.StreamingCluster;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whatever the tables and whatever is done to them before, while and after they are copied, the
 * target's rows end equal to the source's, to the byte.
 *
 * <p>Settings: {@code random.tables.cases} (how many), {@code random.tables.seed} (the first case's
 * seed; the others count up), {@code random.tables.kinds} (of {@link DatabaseKind}, commas
 * between). Seeds in {@code random-tables.seeds} found a fault once and run first.
 */
class RandomTablesIT {
  private static final Logger log = LoggerFactory.getLogger(RandomTablesIT.class);
  private static final int CASES = Integer.getInteger("random.tables.cases", 20);
  private static final long SEED = Long.getLong("random.tables.seed", 1_000_000L);
  private static final String KINDS =
      System.getProperty("random.tables.kinds", "MARIADB_11_4,MYSQL");
  private static final int CASES_A_STREAM = 20;

  /** So that a table of one page is copied in two parts. */
  private static final int MESSAGE_BYTES = 2000;

  private static final int INTERRUPTIONS = 3;

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    List<String> wanted = Arrays.asList(KINDS.split(",", -1));
    return DatabaseKind.available().stream().filter(kind -> wanted.contains(kind.name())).toList();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void endEqual(DatabaseKind kind) throws Exception {
    log.atInfo()
        .addKeyValue("kind", kind)
        .addKeyValue("seed", SEED)
        .addKeyValue("cases", CASES)
        .log("random tables");
    List<String> failures = new ArrayList<>();
    try (StreamingCluster cluster =
        new StreamingCluster(directory.resolve("topo"), kind, MESSAGE_BYTES)) {
      Set<Long> ordered = new LinkedHashSet<>(keptSeeds());
      LongStream.range(SEED, SEED + CASES).forEach(ordered::add);
      List<Long> seeds = List.copyOf(ordered);
      for (int i = 0; i < seeds.size(); i += CASES_A_STREAM) {
        List<Long> some = seeds.subList(i, Math.min(seeds.size(), i + CASES_A_STREAM));
        failures.addAll(failures(cluster, kind, some));
      }
    }
    assertThat(failures).as("differences, first seed %d", SEED).isEmpty();
  }

  private static List<Long> keptSeeds() throws IOException {
    try (InputStream in = RandomTablesIT.class.getResourceAsStream("/random-tables.seeds");
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(Objects.requireNonNull(in), StandardCharsets.UTF_8))) {
      return lines
          .lines()
          .map(line -> line.replaceFirst("#.*", "").strip())
          .filter(line -> !line.isEmpty())
          .map(Long::valueOf)
          .toList();
    }
  }

  /** Runs cases in one stream; when they fail, each in one of its own, to tell which it was. */
  private static List<String> failures(
      StreamingCluster cluster, DatabaseKind kind, List<Long> seeds) throws InterruptedException {
    Optional<String> together = failure(cluster, kind, seeds);
    if (together.isEmpty()) {
      return List.of();
    }
    List<String> failures = new ArrayList<>();
    for (long seed : seeds) {
      failure(cluster, kind, List.of(seed)).ifPresent(failures::add);
    }
    return failures.isEmpty() ? List.of("only together: " + together.get()) : failures;
  }

  private static Optional<String> failure(
      StreamingCluster cluster, DatabaseKind kind, List<Long> seeds) throws InterruptedException {
    List<RandomCase> cases =
        seeds.stream().map(seed -> new RandomCase(seed, kind.engine())).toList();
    boolean interrupted = seeds.getFirst() % 3 == 0;
    int id = 0;
    try {
      // Without it each message is a transaction, so that an interruption leaves parts of tables.
      cluster.target.run("SET GLOBAL local_infile = " + (interrupted ? 0 : 1));
      for (RandomCase each : cases) {
        each.create(cluster.source);
        each.create(cluster.target);
        each.fill(cluster.source, interrupted);
      }
      id = cluster.stream(everything(cluster, cases));
      copy(cluster, cases, id, interrupted);
      cases.forEach(RandomCase::changeLargely);
      awaitCaughtUp(cluster, cases, id);
      return differences(cluster, cases);
    } catch (StreamFailed | ConditionTimeoutException e) {
      return Optional.of(
          "seeds "
              + seeds
              + ": "
              + e.getMessage()
              + (cases.size() > 1 ? "" : "\n" + cases.getFirst().describe()));
    } finally {
      end(cluster, cases, id);
    }
  }

  private static Binlogdata.BinlogSource everything(
      StreamingCluster cluster, List<RandomCase> cases) {
    return cluster.binlogSource(
        cases.stream()
            .flatMap(each -> each.tables().stream())
            .map(table ->
                StreamingCluster.rule(
                    table.name(), "select * from " + SqlText.identifier(table.name())))
            .toArray(Binlogdata.Rule[]::new));
  }

  /** Waits for the copy while all tables are written to; perhaps interrupts it. */
  private static void copy(
      StreamingCluster cluster, List<RandomCase> cases, int id, boolean interrupted)
      throws InterruptedException {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> writer =
          executor.submit(() -> {
            for (int i = 0; i < 15; i++) {
              cases.forEach(each -> each.change(1, true));
            }
          });
      for (int i = 0; interrupted && i < INTERRUPTIONS && !isRunning(cluster, id); i++) {
        String copied = cluster.column(id, "rows_copied");
        Awaitility.await()
            .atMost(Duration.ofSeconds(30 + cases.size()))
            .pollInterval(Duration.ofMillis(5))
            .until(
                () -> !cluster.column(id, "rows_copied").equals(copied) || isRunning(cluster, id));
        cluster.restartTarget();
      }
      Awaitility.await()
          .atMost(Duration.ofSeconds(30 + cases.size()))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> isRunning(cluster, id));
      writer.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Whether the copy is over. */
  private static boolean isRunning(StreamingCluster cluster, int id) {
    String state = cluster.column(id, "state");
    if (state.equals("Error")) {
      throw new StreamFailed(cluster.column(id, "message"));
    }
    return state.equals("Running");
  }

  private static void awaitCaughtUp(StreamingCluster cluster, List<RandomCase> cases, int id) {
    String end = cluster.sourcePosition().encoded();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30 + cases.size()))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> isRunning(cluster, id) && cluster.hasReached(id, end));
  }

  private static Optional<String> differences(StreamingCluster cluster, List<RandomCase> cases) {
    List<String> differences = new ArrayList<>();
    for (RandomCase each : cases) {
      for (RandomTable table : each.tables()) {
        Contents.difference(cluster.source, cluster.target, table)
            .ifPresent(difference ->
                differences.add(
                    "seed " + each.seed() + ": " + difference + "\n" + each.describe()));
      }
    }
    int taken = cases.stream().mapToInt(RandomCase::taken).sum();
    int refused = cases.stream().mapToInt(RandomCase::refused).sum();
    log.atInfo().addKeyValue("taken", taken).addKeyValue("refused", refused).log("statements");
    return differences.isEmpty() ? Optional.empty() : Optional.of(String.join("\n\n", differences));
  }

  private static void end(StreamingCluster cluster, List<RandomCase> cases, int id) {
    cases.forEach(RandomCase::close);
    cluster.target.run("SET GLOBAL local_infile = 1");
    if (id > 0) {
      cluster.delete(id);
    }
    for (RandomCase each : cases) {
      each.drop(cluster.source);
      each.drop(cluster.target);
    }
  }

  /** A stream ended in state Error. */
  private static final class StreamFailed extends RuntimeException {
    StreamFailed(String message) {
      super(message);
    }
  }
}
