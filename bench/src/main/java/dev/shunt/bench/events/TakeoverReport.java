package dev.shunt.bench.events;

import dev.shunt.bench.measure.Host;
import dev.shunt.bench.measure.Medians;
import dev.shunt.bench.measure.TextTable;
import java.util.List;

/**
 * What {@code bench takeover} found; its components are the JSON of {@code --json}. Seconds from
 * {@code kill -9} of the instance that had all partitions until the last of some commands has its
 * outcome in the status, which were sent at once, to all partitions.
 *
 * @param benchmark always {@code takeover}
 * @param host where and when
 * @param workflows workflows whose state was taken over
 * @param streams streams of each of them
 * @param sessionTimeoutMs behind which Kafka takes a silent instance for dead
 * @param besideSeconds by an instance that ran beside it and had copies of its state
 * @param keptSeconds by one that was started then, with the folder of the dead one
 * @param lostSeconds by one that was started then, with an empty folder
 */
public record TakeoverReport(
    String benchmark,
    Host host,
    int workflows,
    int streams,
    int sessionTimeoutMs,
    List<Double> besideSeconds,
    List<Double> keptSeconds,
    List<Double> lostSeconds) {
  public TakeoverReport {
    besideSeconds = List.copyOf(besideSeconds);
    keptSeconds = List.copyOf(keptSeconds);
    lostSeconds = List.copyOf(lostSeconds);
  }

  /** Everything as text. */
  public String summary() {
    TextTable table = new TextTable("seconds from the kill to outcomes", "median", "longest");
    add(table, "an instance beside it, with copies", besideSeconds);
    add(table, "started then, with its folder", keptSeconds);
    add(table, "started then, with an empty folder", lostSeconds);
    return "\n" + table;
  }

  private static void add(TextTable table, String way, List<Double> seconds) {
    table.add(
        way,
        TextTable.number(Medians.of(seconds)),
        TextTable.number(seconds.stream().mapToDouble(Double::doubleValue).max().orElseThrow()));
  }
}
