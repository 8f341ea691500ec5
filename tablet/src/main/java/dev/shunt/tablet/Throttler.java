package dev.shunt.tablet;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.QueryResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Measures how busy a database server is, a few times a second at most and only while somebody
 * asks. A server that can't be asked counts as too busy.
 */
public final class Throttler implements AutoCloseable {
  private static final long KEPT_NANOS = Duration.ofMillis(250).toNanos();

  private final ThrottlerSettings settings;
  private final @Nullable MysqlEndpoint endpoint;
  private @Nullable MysqlConnection connection;
  private long measuredAt;
  private List<Measure> last = List.of();

  /**
   * One measure.
   *
   * @param name {@code lag}, {@code threads_running} or {@code custom}, as Vitess names them
   * @param value what was measured
   * @param threshold most that is good
   * @param error why nothing could be measured; empty normally
   */
  public record Measure(String name, double value, double threshold, String error) {
    /** Whether it is too much. */
    public boolean exceeded() {
      return !error.isEmpty() || value > threshold;
    }

    /** Why streams wait, in a few words. */
    public String reason() {
      return error.isEmpty()
          ? "%s: %s exceeds threshold %s".formatted(name, text(value), text(threshold))
          : name + ": " + error;
    }

    private static String text(double number) {
      return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
    }
  }

  /** Measures a server. */
  public Throttler(ThrottlerSettings settings, MysqlEndpoint endpoint) {
    this.settings = settings;
    this.endpoint = endpoint;
  }

  private Throttler() {
    this.settings = ThrottlerSettings.off();
    this.endpoint = null;
  }

  /** Lets everything pass. */
  public static Throttler off() {
    return new Throttler();
  }

  /** Whether anything is measured. */
  public boolean enabled() {
    return settings.enabled();
  }

  /** When the server is too busy. */
  public ThrottlerSettings settings() {
    return settings;
  }

  /** Why streams are to wait; empty when they may go on. */
  public Optional<String> reason() {
    return measures().stream().filter(Measure::exceeded).findFirst().map(Measure::reason);
  }

  /** The measures of a moment ago; none when nothing is measured. */
  public synchronized List<Measure> measures() {
    if (!settings.enabled() || endpoint == null) {
      return List.of();
    }
    if (last.isEmpty() || System.nanoTime() - measuredAt > KEPT_NANOS) {
      last = measure(endpoint);
      measuredAt = System.nanoTime();
    }
    return last;
  }

  private List<Measure> measure(MysqlEndpoint from) {
    List<Measure> measures = new ArrayList<>();
    try {
      MysqlConnection open = connection;
      if (open == null || open.isClosed()) {
        open = MysqlConnection.open(from);
        connection = open;
      }
      if (settings.lagSeconds() > 0) {
        measures.add(new Measure("lag", lag(open), settings.lagSeconds(), ""));
      }
      if (settings.threadsRunning() > 0) {
        // Its own one is not counted.
        double running =
            open.execute("SHOW GLOBAL STATUS LIKE 'Threads_running'").only().number(1) - 1;
        measures.add(new Measure("threads_running", running, settings.threadsRunning(), ""));
      }
      if (!settings.query().isEmpty()) {
        double value = Double.parseDouble(open.execute(settings.query()).only().text(0));
        measures.add(new Measure("custom", value, settings.queryThreshold(), ""));
      }
    } catch (MysqlException | IllegalStateException | IllegalArgumentException e) {
      measures.add(new Measure("error", 0, 0, "the database can't be asked: " + e.getMessage()));
    }
    return measures;
  }

  /** 0 for a server that is no replica; a replica that is not replicating is endlessly late. */
  private static double lag(MysqlConnection open) {
    QueryResult status = open.execute(open.flavor().replication().status());
    if (status.rows().isEmpty()) {
      return 0;
    }
    for (int i = 0; i < status.columns().size(); i++) {
      String name = status.columns().get(i).name();
      if (name.equals("Seconds_Behind_Source") || name.equals("Seconds_Behind_Master")) {
        String seconds = status.rows().getFirst().textOrNull(i);
        return seconds == null ? Double.POSITIVE_INFINITY : Double.parseDouble(seconds);
      }
    }
    return 0;
  }

  @Override
  public synchronized void close() {
    if (connection != null) {
      connection.close();
    }
  }
}
