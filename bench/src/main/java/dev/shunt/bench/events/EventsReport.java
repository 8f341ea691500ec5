package dev.shunt.bench.events;

import dev.shunt.bench.measure.Host;
import dev.shunt.bench.measure.TextTable;
import java.util.Locale;

/**
 * What {@code bench events} found; its components are the JSON of {@code --json}.
 *
 * @param benchmark always {@code events}
 * @param host where and when
 * @param workflows workflows whose streams were reported
 * @param streams streams of each of them
 * @param reports stream reports of one flood
 * @param commandToOutcomeP50Ms from sending a command until its outcome is in the status, median,
 *     while nothing else goes on
 * @param commandToOutcomeP99Ms the same, 99 in 100
 * @param commandToOutcomeP50MsUnderLoad the median while reports flood in
 * @param commandToOutcomeP99MsUnderLoad 99 in 100 while reports flood in
 * @param commandToOutcomeP50MsLocked the median with a lock and a history for each command, while
 *     nothing else goes on
 * @param commandToOutcomeP99MsLocked 99 in 100 of these
 * @param commandsUnderLoad how many commands these are of
 * @param commandsPerSecond commands carried out a second while nothing else goes on
 * @param commandsPerSecondUnderLoad the same while reports flood in
 * @param streamEventsPerSecond reports a second, from the first that is written until the status of
 *     every stream is its last one
 * @param streamEventsPerSecondWithCommands the same while commands are carried out
 * @param replayPerSecond records a second that the replay of all logs folds
 * @param plainConsumerPerSecond records a second that a consumer takes from the same topics
 * @param replayToPlainConsumer the former of the latter
 */
public record EventsReport(
    String benchmark,
    Host host,
    int workflows,
    int streams,
    int reports,
    double commandToOutcomeP50Ms,
    double commandToOutcomeP99Ms,
    double commandToOutcomeP50MsUnderLoad,
    double commandToOutcomeP99MsUnderLoad,
    double commandToOutcomeP50MsLocked,
    double commandToOutcomeP99MsLocked,
    int commandsUnderLoad,
    double commandsPerSecond,
    double commandsPerSecondUnderLoad,
    double streamEventsPerSecond,
    double streamEventsPerSecondWithCommands,
    double replayPerSecond,
    double plainConsumerPerSecond,
    double replayToPlainConsumer) {

  /** Everything as text. */
  public String summary() {
    TextTable latency = new TextTable("command to outcome in the status", "p50 ms", "p99 ms");
    latency.add("idle", number(commandToOutcomeP50Ms), number(commandToOutcomeP99Ms));
    latency.add(
        "while reports flood in (" + commandsUnderLoad + " commands)",
        number(commandToOutcomeP50MsUnderLoad),
        number(commandToOutcomeP99MsUnderLoad));
    latency.add(
        "idle, each under a lock and with its history",
        number(commandToOutcomeP50MsLocked),
        number(commandToOutcomeP99MsLocked));
    TextTable rates = new TextTable("a second", "", "");
    rates.add("commands, idle", whole(commandsPerSecond), "");
    rates.add("commands, while reports flood in", whole(commandsPerSecondUnderLoad), "");
    rates.add("stream reports", whole(streamEventsPerSecond), "");
    rates.add("stream reports, while commands go on", whole(streamEventsPerSecondWithCommands), "");
    rates.add("records replayed", whole(replayPerSecond), "");
    rates.add(
        "records of a plain consumer",
        whole(plainConsumerPerSecond),
        "replay is %.2f of it".formatted(replayToPlainConsumer));
    return "\n" + latency + "\n" + rates;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static String whole(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }
}
