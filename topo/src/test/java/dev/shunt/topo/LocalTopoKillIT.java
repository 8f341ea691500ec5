package dev.shunt.topo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.time.Time;
import io.vitess.proto.Topodata;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that writes to the local store is killed; what it leaves is whole. */
class LocalTopoKillIT {
  private static final Duration TTL = Duration.ofSeconds(5);

  /** The process that is killed: writes transactions and prints the number of each. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] args) {
      Topo topo = new StoreTopo(LocalTopoStore.open(Path.of(args[0]), 16_384, Time.system()));
      long last = numbers(topo).getFirst();
      TopoLock lock = topo.lockName("writer", "write", TTL, TTL);
      while (true) {
        long number = ++last;
        topo.transact(List.of(lock), transaction -> write(transaction, number));
        System.out.println(number + " " + lock.token());
        System.out.flush();
      }
    }
  }

  private static void write(TopoTransaction transaction, long number) {
    transaction.routingRules(rules ->
        rules.toBuilder()
            .clearRules()
            .addRules(TopoConformance.rule("t", "customer." + number))
            .build());
    for (String shard : List.of("-80", "80-")) {
      transaction.shard(
          "customer", shard, record -> TopoConformance.denied(record, "customer." + number));
    }
  }

  /** What each record of the transactions says; all the same when it is whole. */
  private static List<Long> numbers(Topo topo) {
    return Stream.concat(
            topo.routingRules().value().getRulesList().stream().map(rule -> rule.getToTables(0)),
            topo.shards("customer").values().stream()
                .map(shard -> shard.value().getTabletControls(0).getDeniedTables(0)))
        .map(table -> Long.parseLong(table.substring("customer.".length())))
        .toList();
  }

  @Test
  void whatAKilledWriterLeavesIsWholeAndHasAllThatWasAcknowledged(@TempDir Path directory)
      throws Exception {
    try (Topo topo = Topos.local(directory)) {
      topo.createKeyspace("customer", Topodata.Keyspace.getDefaultInstance());
      topo.createShard("customer", "-80");
      topo.createShard("customer", "80-");
      topo.transact(List.of(), transaction -> write(transaction, 0));
    }
    for (int acknowledgements : new int[] {1, 137, 400}) {
      Process writer =
          new ProcessBuilder(
                  ProcessHandle.current().info().command().orElseThrow(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  Writer.class.getName(),
                  directory.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      String[] acknowledged = {"0", "0"};
      try (BufferedReader lines = writer.inputReader()) {
        for (int i = 0; i < acknowledgements; i++) {
          acknowledged = lines.readLine().split(" ", -1);
        }
        writer.toHandle().destroyForcibly();
        for (String line; (line = lines.readLine()) != null && line.contains(" "); ) {
          acknowledged = line.split(" ", -1);
        }
      } finally {
        writer.destroyForcibly();
        assertThat(writer.waitFor(10, TimeUnit.SECONDS)).isTrue();
      }

      try (Topo topo = Topos.local(directory);
          TopoLock lock = topo.lockName("writer", "check", TTL, Duration.ZERO)) {
        List<Long> numbers = numbers(topo);
        assertThat(numbers).hasSize(3).containsOnly(numbers.getFirst());
        assertThat(numbers.getFirst())
            .isBetween(Long.parseLong(acknowledged[0]), Long.parseLong(acknowledged[0]) + 1);
        assertThat(lock.token()).isGreaterThan(Long.parseLong(acknowledged[1]));
      }
    }
  }
}
