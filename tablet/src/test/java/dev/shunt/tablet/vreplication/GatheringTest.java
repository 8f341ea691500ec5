package dev.shunt.tablet.vreplication;

import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Filter;
import binlogdata.Binlogdata.Journal;
import binlogdata.Binlogdata.KeyspaceShard;
import binlogdata.Binlogdata.Rule;
import binlogdata.Binlogdata.ShardGtid;
import binlogdata.Binlogdata.VReplicationWorkflowType;
import dev.shunt.mysql.Position;
import dev.shunt.schemas.StreamState;
import dev.shunt.tablet.vreplication.Gathering.Decision;
import dev.shunt.tablet.vreplication.stream.RedirectTable.Beginning;
import dev.shunt.tablet.vreplication.stream.StreamRow;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of streams that have come to a journal of customer/-80 and customer/80-. */
class GatheringTest {
  static final Journal JOURNAL = journal("-80,80-", "new/-40:MariaDB/0-1-5,new/40-:MariaDB/0-2-7");

  /**
   * @param participants shards of keyspace customer
   * @param targets shards with their positions
   */
  static Journal journal(String participants, String targets) {
    Journal.Builder journal = Journal.newBuilder().setId(7);
    for (String shard : participants.split(",", -1)) {
      journal.addParticipants(KeyspaceShard.newBuilder().setKeyspace("customer").setShard(shard));
    }
    for (String target : targets.isEmpty() ? new String[0] : targets.split(",", -1)) {
      String[] parts = target.split(":", 2);
      String[] shard = parts[0].split("/", 2);
      journal.addShardGtids(
          ShardGtid.newBuilder().setKeyspace(shard[0]).setShard(shard[1]).setGtid(parts[1]));
    }
    return journal.build();
  }

  /** A stream from customer; a running one is where {@link #gathering} says that it arrived. */
  static StreamRow stream(int id, String shard, StreamState state) {
    return stream(id, shard, state, "MariaDB/0-1-" + id, "", "t");
  }

  private static StreamRow stream(
      int id, String shard, StreamState state, String position, String stop, String table) {
    return new StreamRow(
        id,
        "w",
        VReplicationWorkflowType.Materialize,
        BinlogSource.newBuilder()
            .setKeyspace(shard.startsWith("new/") ? "new" : "customer")
            .setShard(shard.replace("new/", ""))
            .setFilter(Filter.newBuilder().addRules(Rule.newBuilder().setMatch(table)))
            .build(),
        position,
        stop,
        state,
        List.of(),
        "",
        0,
        false);
  }

  private static StreamRow running(int id, String shard) {
    return stream(id, shard, StreamState.RUNNING);
  }

  private static Gathering gathering(Journal journal, Integer... arrived) {
    Map<Integer, String> positions =
        List.of(arrived).stream().collect(Collectors.toMap(id -> id, id -> "MariaDB/0-1-" + id));
    return new Gathering("w", journal, positions);
  }

  private static Decision.Stop impossible(String reason) {
    return new Decision.Stop("cannot redirect on journal: " + reason);
  }

  @Test
  void goOnTogetherFromThePositionsThatTheJournalNames() {
    StreamRow a = running(1, "-80");
    StreamRow b = running(2, "80-");

    Decision decision = gathering(JOURNAL, 1, 2).decide(List.of(b, running(3, "other"), a));

    assertThat(decision)
        .isEqualTo(
            new Decision.Follow(
                List.of(a, b),
                List.of(
                    new Beginning("new", "-40", Position.parse("MariaDB/0-1-5")),
                    new Beginning("new", "40-", Position.parse("MariaDB/0-2-7")))));
  }

  /** Of two switches in a row, at the second of which the quick one is already. */
  @Test
  void waitForOneThatHasToFollowAnotherJournalBefore() {
    Journal second = journal("-80,80-c0,c0-", "new/-40:MariaDB/0-1-5,new/40-:MariaDB/0-2-7");
    StreamRow quick = running(1, "-80");

    assertThat(gathering(second, 1).decide(List.of(quick, running(2, "80-"))))
        .isEqualTo(
            new Decision.Wait(
                "at journal 7: waits for stream(s) to follow a journal before it, from"
                    + " customer/80-"));
    assertThat(gathering(second, 1).decide(List.of(quick, running(2, "new/80-"))))
        .isEqualTo(
            impossible(
                "not all sources are present in this workflow: missing customer:80-c0,"
                    + " customer:c0-"));
    assertThat(gathering(second, 1).decide(List.of(quick, stream(2, "80-", StreamState.ERROR))))
        .isInstanceOf(Decision.Stop.class);
    assertThat(gathering(second, 1, 2).decide(List.of(quick, running(2, "80-"))))
        .isInstanceOf(Decision.Stop.class);
    assertThat(gathering(second, 1).decide(List.of(quick, running(2, "80-c0"), running(3, "c0-"))))
        .isEqualTo(
            new Decision.Wait(
                "at journal 7: waits for stream(s) from customer/80-c0, customer/c0-"));
  }

  @Test
  void waitForThoseThatHaveNotCome() {
    StreamRow a = running(1, "-80");

    assertThat(gathering(JOURNAL, 1).decide(List.of(a, running(2, "80-"))))
        .isEqualTo(new Decision.Wait("at journal 7: waits for stream(s) from customer/80-"));
    assertThat(gathering(JOURNAL, 1).decide(List.of(a, stream(2, "80-", StreamState.STOPPED))))
        .isEqualTo(
            new Decision.Wait(
                "at journal 7: waits for stream(s) from customer/80- (stream 2 is Stopped)"));
  }

  @Test
  void areStoppedWhereASourceHasNoStream() {
    assertThat(gathering(JOURNAL, 1).decide(List.of(running(1, "-80"), running(2, "new/80-"))))
        .isEqualTo(
            impossible("not all sources are present in this workflow: missing customer:80-"));
  }

  @Test
  void areStoppedWhereASourceHasTwo() {
    assertThat(
            gathering(JOURNAL, 1, 2, 3)
                .decide(List.of(running(1, "-80"), running(2, "80-"), running(3, "80-"))))
        .isEqualTo(impossible("streams [2, 3] of this workflow all read customer:80-"));
  }

  @Test
  void goOnWithoutWhatWasHaltedOrMovedOrIsGone() {
    StreamRow moved = stream(2, "80-", StreamState.RUNNING, "MariaDB/0-1-99", "", "t");

    assertThat(
            gathering(JOURNAL, 1, 2, 3)
                .decide(List.of(stream(1, "-80", StreamState.STOPPED), moved)))
        .isEqualTo(new Decision.Left(Set.of(1, 2, 3)));
    assertThat(gathering(JOURNAL, 1, 2).decide(List.of(running(1, "-80"), moved)))
        .isEqualTo(new Decision.Left(Set.of(2)));
  }

  @Test
  void areStoppedWhereTheyReadDifferentThings() {
    StreamRow other = stream(2, "80-", StreamState.RUNNING, "MariaDB/0-1-2", "", "u");

    assertThat(gathering(JOURNAL, 1, 2).decide(List.of(running(1, "-80"), other)))
        .isEqualTo(impossible("the streams of this workflow differ in what they read"));
  }

  @Test
  void areStoppedWhereOneIsToStopElsewhere() {
    StreamRow other = stream(2, "80-", StreamState.RUNNING, "MariaDB/0-1-2", "MariaDB/0-1-50", "t");

    assertThat(gathering(JOURNAL, 1, 2).decide(List.of(running(1, "-80"), other)))
        .isEqualTo(impossible("stream 2 is to stop at MariaDB/0-1-50"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                                       | it names no shards to go on from",
        "new/-:                                   | it names no position of new:-: ''",
        "new/-:MariaDB/                           | it names no position of new:-: 'MariaDB/'",
        "new/-:soon                               | it names no position of new:-: 'soon'",
        "new/-:MariaDB/0-1-5,new/-:MariaDB/0-1-6  | it names new:- more than once",
        "customer/-80:MariaDB/0-1-5               | it names customer:-80 more than once",
        "new/x:MariaDB/0-1-5                      | this workflow reads new:x already"
      })
  void areStoppedByAJournalThatLeadsNowhere(String targets, String reason) {
    Journal journal = journal("-80", targets);

    assertThat(gathering(journal, 1).decide(List.of(running(1, "-80"), running(9, "new/x"))))
        .isEqualTo(impossible(reason));
  }

  @Test
  void areStoppedByAJournalThatDoesNotListTheirSource() {
    assertThat(
            gathering(journal("-80", "new/-:MariaDB/0-1-5"), 1, 2)
                .decide(List.of(running(1, "-80"), running(2, "80-"))))
        .isEqualTo(
            impossible("it does not list the source customer:80- among those that take part"));
  }

  @Test
  void takeAPositionWithoutThePrefix() {
    Decision decision =
        gathering(journal("-80", "new/-:0-1-5"), 1).decide(List.of(running(1, "-80")));

    assertThat(((Decision.Follow) decision).beginnings())
        .containsExactly(new Beginning("new", "-", Position.parse("MariaDB/0-1-5")));
  }
}
