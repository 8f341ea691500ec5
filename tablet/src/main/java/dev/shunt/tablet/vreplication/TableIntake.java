package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Position;
import dev.shunt.schemas.StreamState;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.vreplication.stream.ChosenTables;
import dev.shunt.tablet.vreplication.stream.StreamContext;
import dev.shunt.tablet.vreplication.stream.StreamFilter;
import dev.shunt.tablet.vreplication.stream.StreamRow;
import dev.shunt.tablet.vreplication.writing.SecondaryKeys;
import dev.shunt.tablet.vreplication.writing.TargetTables;
import dev.shunt.tabletclient.ServerFinding;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tabletmanagerdata.Tabletmanagerdata.GetSchemaRequest;

/**
 * Sees to it that rows of each table that the patterns of a stream choose are copied, or all in the
 * log that is still to be read, while tables come to the target and go from it.
 */
final class TableIntake {
  /**
   * How often a missing table is looked for: while one is altered there may be none for a moment.
   */
  private static final int MOST_LOOKS = 5;

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

  private static final Logger log = LoggerFactory.getLogger(TableIntake.class);

  private final StreamContext stream;
  private final MysqlConnection connection;
  private final TabletClient source;
  private final TargetTables tables;
  private final ChosenTables chosen;

  /**
   * @param connection the stream's, in no transaction
   * @param tables the target's
   */
  TableIntake(
      StreamContext stream, MysqlConnection connection, TabletClient source, TargetTables tables) {
    this.stream = stream;
    this.connection = connection;
    this.source = source;
    this.tables = tables;
    this.chosen = stream.table().chosen();
  }

  /**
   * Looks at the tables that are chosen now; whether what is to be copied has changed by that. A
   * stream that is to stop at a position takes none in before: their copy would end behind it.
   *
   * @throws RpcException FAILED_PRECONDITION when a table can't be taken in
   */
  boolean changes(StreamRow row, StreamFilter filter) throws InterruptedException {
    List<String> targets = filter.targets();
    if (row.position().isEmpty()) {
      return chosen.renewCopy(connection, stream.id(), targets);
    }
    chosen.begin(connection, stream.id(), targets);
    Set<String> lost = chosen.besides(connection, stream.id(), targets);
    if (!lost.isEmpty()) {
      forgetGone(lost, filter);
      return true; // also when one was missing for a moment: the filter lacks it
    }
    Set<String> more = chosen.lackingOf(connection, stream.id(), targets);
    return !more.isEmpty() && row.stopPosition().isEmpty() && takeIn(row, filter, more);
  }

  /**
   * Tables that a stream which is to stop at a position does not take in before. Of these no rows
   * are to be applied either: what is passed over is copied afterwards.
   */
  Set<String> putOff(StreamRow row, StreamFilter filter) {
    boolean stops = filter.hasPatterns() && !row.stopPosition().isEmpty();
    return stops && !row.position().isEmpty()
        ? chosen.lackingOf(connection, stream.id(), filter.targets())
        : Set.of();
  }

  /**
   * Forgets tables that are gone, or that patterns don't choose any more: their rows are passed
   * over, so what comes in their place has to be copied. Those that are missing for a moment stay.
   */
  private void forgetGone(Set<String> lost, StreamFilter filter) throws InterruptedException {
    Set<String> awaited = new TreeSet<>(lost);
    awaited.removeIf(table -> !filter.wouldTakeMore(List.of(table)));
    Set<String> gone = new TreeSet<>(lost);
    gone.removeAll(awaited);
    for (int look = 1; look < MOST_LOOKS && !awaited.isEmpty(); look++) {
      TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS.toMillis());
      tables.names().forEach(awaited::remove);
    }
    gone.addAll(awaited);
    if (!gone.isEmpty()) {
      putBackKeys(gone);
      chosen.forget(connection, stream.id(), gone);
      log("tables of the stream have gone from the target", gone, Set.of());
    }
  }

  /** Of tables that stay where they are though their copy had taken keys off and has not ended. */
  private void putBackKeys(Set<String> gone) throws InterruptedException {
    SecondaryKeys keys = new SecondaryKeys(stream, connection);
    for (String table : tables.names()) {
      if (gone.contains(table)) {
        keys.putBackForGood(table);
      }
    }
  }

  private boolean takeIn(StreamRow row, StreamFilter filter, Set<String> more)
      throws InterruptedException {
    // What it does not have there and then is in its log behind the position, if it ever comes.
    SourceProgress.await(source, Position.parse(row.position()));
    List<String> copied = onSource(filter, more);
    Set<String> foreign = foreign(more);
    demandEmpty(copied, foreign);
    log("tables came to the target since the stream began", more, copied);
    chosen.add(connection, stream.id(), more, copied, foreign);
    if (copied.isEmpty()) {
      return false;
    }
    stream.board().state(stream.id(), StreamState.COPYING, "");
    return true;
  }

  private void log(String message, Set<String> names, Collection<String> copied) {
    log.atInfo()
        .addKeyValue("stream", stream.id())
        .addKeyValue("tables", names)
        .addKeyValue("copied", copied)
        .log(message);
  }

  /** Those of some target tables that the source has. */
  private List<String> onSource(StreamFilter filter, Set<String> targets)
      throws InterruptedException {
    Map<String, String> missing = new TreeMap<>(); // by source table
    targets.forEach(target -> missing.put(filter.select(target).table(), target));
    List<String> found = new ArrayList<>();
    for (int look = 0; look < MOST_LOOKS && !missing.isEmpty(); look++) {
      if (look > 0) {
        TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS.toMillis());
      }
      source
          .getSchema(names(missing.keySet()).setTableSchemaOnly(true).build())
          .getTableDefinitionsList()
          .forEach(
              table -> Optional.ofNullable(missing.remove(table.getName())).ifPresent(found::add));
    }
    if (!missing.isEmpty()) {
      demandNotHidden(missing.keySet());
    }
    return found;
  }

  private static GetSchemaRequest.Builder names(Collection<String> tables) {
    return GetSchemaRequest.newBuilder().addAllTables(tables);
  }

  /** A schema does not show tables with a history, whose rows may have been written long ago. */
  private void demandNotHidden(Set<String> missing) {
    for (ServerFinding finding : findings(missing)) {
      if (finding.id().equals(ServerFinding.SYSTEM_VERSIONED)
          && missing.contains(finding.subject())) {
        throw new RpcException(Status.Code.FAILED_PRECONDITION, "source: " + finding.text());
      }
    }
  }

  private List<ServerFinding> findings(Set<String> missing) {
    try {
      return source.checkSource(names(missing).build());
    } catch (TabletException e) {
      if (e.code() == Status.Code.UNIMPLEMENTED) { // Vitess knows no such tables
        return List.of();
      }
      throw e;
    }
  }

  /** Those of some tables that have rows, but for those whose rows other streams wrote. */
  private Set<String> foreign(Collection<String> more) {
    List<String> filled = more.stream().filter(tables::hasRows).toList();
    Set<String> foreign = new TreeSet<>(filled);
    if (!filled.isEmpty()) {
      foreign.removeAll(chosen.ofOthers(connection, stream.id(), filled));
    }
    return foreign;
  }

  /** Rows of a table are copied into an empty one, or to those that other streams have copied. */
  private void demandEmpty(List<String> copied, Set<String> foreign) {
    Set<String> refused = new TreeSet<>(foreign);
    refused.retainAll(copied);
    if (refused.isEmpty()) {
      return;
    }
    String names = String.join(", ", refused);
    Set<String> shared = stream.table().filledByOthers(connection, stream.id(), refused);
    String remedy =
        shared.isEmpty()
            ? "delete the rows of %s on the target, and start the workflow".formatted(names)
            : ("as other streams fill %s as well, and which rows are theirs can't be told, cancel the"
                    + " workflow and create it again")
                .formatted(String.join(", ", new TreeSet<>(shared)));
    throw new RpcException(
        Status.Code.FAILED_PRECONDITION,
        ("table(s) %s came to the target with rows, and what the source has of them is copied into"
                + " empty tables only: %s")
            .formatted(names, remedy));
  }
}
