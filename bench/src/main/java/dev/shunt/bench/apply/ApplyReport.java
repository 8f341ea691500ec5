package dev.shunt.bench.apply;

import dev.shunt.bench.measure.Figures;
import dev.shunt.bench.measure.FiguresTable;
import dev.shunt.bench.measure.Host;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What {@code bench apply} found; its components are the JSON of {@code --json}.
 *
 * @param benchmark always {@code apply}
 * @param host where and when
 * @param server version of the database servers
 * @param settings their arguments beside those that every embedded server has
 * @param rows rows of sbtest1 at the beginning
 * @param writers connections that wrote
 * @param wantedPerSecond transactions a second that were to be written; 0 for as many as possible
 * @param transactions transactions that were written
 * @param writtenPerSecond how many a second were written
 * @param appliedPerSecond how many a second were applied, until nothing was left
 * @param drainSeconds from the last write until nothing was left
 * @param lagMillis time until a committed change was seen on the target, in milliseconds
 * @param figures what all of it took
 */
public record ApplyReport(
    String benchmark,
    Host host,
    String server,
    List<String> settings,
    long rows,
    int writers,
    int wantedPerSecond,
    long transactions,
    double writtenPerSecond,
    double appliedPerSecond,
    double drainSeconds,
    Distribution lagMillis,
    Figures figures) {

  /** Everything as text. */
  public String summary() {
    return String.format(
            Locale.ROOT,
            """

            %s, %d writers on %,d rows: 60 %% updates, 20 %% inserts, 20 %% deletes

            written   %,10.0f transactions/s
            applied   %,10.0f transactions/s, %.2f s after the last write all of it
            lag       %,10.1f ms median, %.1f ms p95, %.1f ms p99, %.1f ms at most

            """,
            server,
            writers,
            rows,
            writtenPerSecond,
            appliedPerSecond,
            drainSeconds,
            lagMillis.median(),
            lagMillis.p95(),
            lagMillis.p99(),
            lagMillis.max())
        + FiguresTable.of(Map.of("shunt_apply", figures));
  }
}
