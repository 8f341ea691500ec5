package dev.shunt.cluster;

import static dev.shunt.cluster.RecordingTablet.SHARD;
import static dev.shunt.cluster.RecordingTablet.changed;
import static dev.shunt.cluster.RecordingTablet.failure;
import static dev.shunt.cluster.RecordingTablet.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Journal;
import dev.shunt.tabletclient.Fence;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.workflow.streams.MigrationId;
import dev.shunt.workflow.streams.TextProto;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.TabletSelectionPreference;
import tabletmanagerdata.Tabletmanagerdata.VDiffResponse;

/** What is sent to tablets, and what is made of answers that are not the usual ones. */
class SqlControlTest {
  private static final String WHERE = " where db_name='d\\'b' and workflow='c\\'2c'";

  private final RecordingTablet tablet = new RecordingTablet();
  private final PrimaryControl primary = new SqlPrimaryControl(tablet.client(), SHARD);
  private final StreamControl streams = primary.streams("c'2c");

  private static String exec(String sql) {
    return "vReplicationExec(" + sql + ")";
  }

  // --- streams that are there, or not --------------------------------------------------------

  @Test
  void aChangeThatFindsAllStreamsAsksNoMore() {
    tablet.on("vReplicationExec", changed(2));

    streams.start(2);

    assertThat(tablet.calls)
        .containsExactly(exec("update _vt.vreplication set state='Running', message=''" + WHERE));
  }

  /** Some tablets do not count what was so already. */
  @Test
  void aChangeThatFindsFewerLooksWhetherTheyAreThere() {
    tablet.on("vReplicationExec", changed(1), rows("message", "", ""));

    streams.stopForCutover(2, StreamControl.IfGone.FAIL);

    assertThat(tablet.calls)
        .containsExactly(
            exec(
                "update _vt.vreplication set state='Stopped', message='stopped for cutover'"
                    + WHERE),
            exec("select message from _vt.vreplication" + WHERE));
  }

  @Test
  void streamsThatAreGoneFailAChangeThatNeedsThem() {
    for (Consumer<StreamControl> change :
        List.<Consumer<StreamControl>>of(
            control -> control.start(2),
            control -> control.freeze(2),
            control -> control.stopForDiff(2),
            control -> control.stopForCutover(2, StreamControl.IfGone.FAIL))) {
      tablet.on("vReplicationExec", changed(0), rows("message", ""));
      assertThatExceptionOfType(StreamsGoneException.class)
          .isThrownBy(() -> change.accept(streams))
          .withMessage(
              "streams of workflow c'2c on cust'omer/-80 are gone: there were 2; somebody has"
                  + " deleted them, or the database is another one");
    }
    tablet.on("vReplicationExec", changed(0), rows("message"));
    assertThatExceptionOfType(StreamsGoneException.class)
        .isThrownBy(() -> streams.startWithoutEnd(7));
  }

  @Test
  void streamsThatAreGoneAreAcceptedWhereNothingIsLeftToDo() {
    streams.startAfterCutover();
    streams.stop(7);
    streams.resume(7);
    streams.startAfterDiff(3);
    streams.stopForCutover(2, StreamControl.IfGone.ACCEPT);

    assertThat(tablet.calls).hasSize(10);
  }

  /** What was started has another message by now; its id stays. */
  @Test
  void looksForStreamsByWhatDoesNotChange() {
    streams.startAfterCutover();
    streams.resume(7);
    streams.startAfterDiff(1);

    assertThat(tablet.calls)
        .containsExactly(
            exec(
                "update _vt.vreplication set state='Running', message=''"
                    + WHERE
                    + " and message='stopped for cutover'"),
            exec("select message from _vt.vreplication" + WHERE),
            exec(
                "update _vt.vreplication set state='Running', message='', stop_pos=''"
                    + WHERE
                    + " and id=7"),
            exec("select message from _vt.vreplication" + WHERE + " and id=7"),
            exec(
                "update _vt.vreplication set state='Running', message='', stop_pos=''"
                    + WHERE
                    + " and coalesce(message, '') not in ('FROZEN', 'for cutover',"
                    + " 'stopped for cutover', 'stopped for the switch of its shard',"
                    + " 'synchronizing for the switch of its shard')"
                    + " and (message in ('for vdiff', 'synchronizing for vdiff') or stop_pos!='')"),
            exec("select message from _vt.vreplication" + WHERE));
  }

  @Test
  void aStreamRunsToAPositionWhateverStandsInIt() {
    tablet.on("vReplicationExec", changed(1));

    streams.runTo(7, "MySQL56/a'b");

    assertThat(tablet.calls)
        .containsExactly(
            exec(
                "update _vt.vreplication set state='Running', message='synchronizing for vdiff',"
                    + " stop_pos='MySQL56/a\\'b'"
                    + WHERE
                    + " and id=7"));
  }

  @Test
  void streamsAreBroughtAlongByMessagesOfTheirOwn() {
    tablet.on("vReplicationExec", changed(1), changed(1), changed(1), changed(1), changed(1));

    streams.stopForMigration(1);
    streams.runToForMigration(7, "MySQL56/a");
    streams.standForMigration(7, "MySQL56/a");
    streams.startAfterMigration(1);
    streams.startDrafts();

    assertThat(tablet.calls)
        .containsExactly(
            exec(
                "update _vt.vreplication set state='Stopped',"
                    + " message='stopped for the switch of its shard'"
                    + WHERE
                    + " and state='Running' and coalesce(stop_pos, '')=''"),
            exec(
                "update _vt.vreplication set state='Running',"
                    + " message='synchronizing for the switch of its shard', stop_pos='MySQL56/a'"
                    + WHERE
                    + " and id=7"),
            exec(
                "update _vt.vreplication set state='Stopped',"
                    + " message='stopped for the switch of its shard', stop_pos=''"
                    + WHERE
                    + " and id=7 and stop_pos='MySQL56/a'"),
            exec(
                "update _vt.vreplication set state='Running', message='', stop_pos=''"
                    + WHERE
                    + " and coalesce(message, '') not in ('FROZEN', 'for cutover', 'for vdiff',"
                    + " 'stopped for cutover', 'synchronizing for vdiff') and (message in ('stopped for the switch of its shard',"
                    + " 'synchronizing for the switch of its shard') or stop_pos!='')"),
            exec(
                "update _vt.vreplication set state='Running', message=''"
                    + WHERE
                    + " and state='Stopped' and coalesce(message, '') in ('for cutover', '')"));
  }

  @Test
  void callsCarryFenceAndLimit() {
    PrimaryControl fenced = primary.withFence(new Fence("k/w", 3)).within(Duration.ofSeconds(2));

    fenced.showFence();
    fenced.streams("w").within(Duration.ofSeconds(1)).deleteFrozen();

    assertThat(tablet.calls)
        .containsExactly(
            "k/w:3 PT2S " + exec("update _vt.vreplication set message='' where id=0"),
            "k/w:3 PT2S PT1S "
                + exec(
                    "delete from _vt.vreplication where db_name='d\\'b' and workflow='w' and"
                        + " message='FROZEN'"));
  }

  // --- removal -------------------------------------------------------------------------------

  @Test
  void removingStreamsRemovesWhatDiffsLeftOfThem() {
    tablet.on("deleteVReplicationWorkflow", changed(1), changed(0));
    tablet.on("vDiff", VDiffResponse.getDefaultInstance(), VDiffResponse.getDefaultInstance());

    assertThat(streams.delete()).isTrue();
    assertThat(streams.delete()).isFalse();

    assertThat(tablet.calls.getFirst()).isEqualTo("deleteVReplicationWorkflow(c'2c)");
    assertThat(tablet.calls.get(1))
        .contains("keyspace: \"cust\\'omer\"", "workflow: \"c\\'2c\"", "action: \"delete\"")
        .contains("action_arg: \"all\"");
  }

  /** They are of no more use and of no harm. */
  @ParameterizedTest
  @EnumSource(
      value = Status.Code.class,
      names = {"UNIMPLEMENTED", "UNAVAILABLE", "INTERNAL"})
  void removingStreamsHoldsThoughDiffsStayBehind(Status.Code code) {
    tablet.on("deleteVReplicationWorkflow", changed(2));
    tablet.on("vDiff", failure(code, "no"));

    assertThat(streams.delete()).isTrue();
  }

  @Test
  void streamsThatCanNotBeRemovedKeepTheirDiffs() {
    tablet.on("deleteVReplicationWorkflow", failure(Status.Code.UNAVAILABLE, "away"));

    assertThatThrownBy(streams::delete).isInstanceOf(TabletException.class);
    assertThat(tablet.calls).hasSize(1);
  }

  @Test
  void aTableIsCopiedWhileTheTabletHasANoteOfIt() {
    tablet.on("vReplicationExec", rows("vrepl_id", "7"), rows("vrepl_id"));

    assertThat(streams.copying(List.of(3, 7))).isTrue();
    assertThat(streams.copying(List.of(3))).isFalse();

    assertThat(tablet.calls.getFirst())
        .isEqualTo(exec("select vrepl_id from _vt.copy_state where vrepl_id in (3, 7) limit 1"));
  }

  // --- the decision of a switch --------------------------------------------------------------

  private static final BinlogSource SOURCE =
      BinlogSource.newBuilder().setKeyspace("commerce").setShard("0").build();

  private static NewStream stream(ReadVReplicationWorkflowResponse like) {
    return new NewStream(SOURCE, "MariaDB/0-1-5", "zone1,zone2", like, 77);
  }

  private static String values(String tabletTypes, String message, String end) {
    return "('c\\'2c', '%s', 'MariaDB/0-1-5', 9223372036854775807, 9223372036854775807, 'zone1,zone2', '%s', 77, 0, 'Stopped', '%s', 'd\\'b', %s)"
        .formatted(TextProto.print(SOURCE), tabletTypes, message, end);
  }

  @Test
  void streamsAndTheirJournalAreWrittenInOneTransaction() {
    Journal journal = Journal.newBuilder().setId(9).addTables("o'rder").build();
    ReadVReplicationWorkflowResponse like =
        ReadVReplicationWorkflowResponse.newBuilder()
            .addTabletTypesValue(2)
            .addTabletTypesValue(1)
            .setTabletSelectionPreference(TabletSelectionPreference.INORDER)
            .setWorkflowTypeValue(1)
            .setWorkflowSubTypeValue(3)
            .setDeferSecondaryKeys(true)
            .setOptions("{\"a\":\"b\"}")
            .build();

    streams.replaceWithJournal(List.of(stream(like), stream(like)), 9, journal);

    String row = values("in_order:replica,primary", "", "1, 3, 1, '{\"a\":\"b\"}'");
    assertThat(tablet.calls)
        .containsExactly(
            "vReplicationTransaction([delete from _vt.vreplication"
                + WHERE
                + ", insert into _vt.vreplication (workflow, source, pos, max_tps,"
                + " max_replication_lag, cell, tablet_types, time_updated, transaction_timestamp,"
                + " state, message, db_name, workflow_type, workflow_sub_type,"
                + " defer_secondary_keys, options) values "
                + row
                + ", "
                + row
                + ", insert into _vt.resharding_journal (id, db_name, val) values (9, 'd\\'b', '"
                + TextProto.print(journal).replace("\\", "\\\\").replace("'", "\\'")
                + "')])");
  }

  @Test
  void draftsTakeThePlaceOfEarlierDraftsOnly() {
    streams.draft(List.of(stream(ReadVReplicationWorkflowResponse.getDefaultInstance())));

    assertThat(tablet.calls).hasSize(2);
    assertThat(tablet.calls.getFirst())
        .isEqualTo(
            exec(
                "delete from _vt.vreplication"
                    + WHERE
                    + " and message='for cutover' and state='Stopped'"));
    assertThat(tablet.calls.getLast()).endsWith(values("", "for cutover", "0, 0, 0, '{}'") + ")");
  }

  @Test
  void aJournalIsFoundUnderItsIdAndBesideIt() {
    Journal journal = Journal.newBuilder().setId(9).setLocalPosition("MariaDB/0-1-5").build();
    long beside = MigrationId.beside(9, "d'b");
    tablet.on(
        "vReplicationExec",
        rows("val"),
        rows("val", TextProto.print(journal)),
        rows("val"),
        rows("val"));

    assertThat(primary.journal(9)).contains(journal);
    assertThat(primary.journal(9)).isEmpty();

    String query = "select val from _vt.resharding_journal where id=%d and db_name='d\\'b'";
    assertThat(tablet.calls)
        .containsExactly(
            exec(query.formatted(9)),
            exec(query.formatted(beside)),
            exec(query.formatted(9)),
            exec(query.formatted(beside)));
  }

  @Test
  void keysOfJournalsAreThoseOfAnyDatabase() {
    tablet.on("vReplicationExec", rows("id", "9", "1234"));

    assertThat(primary.journalKeys(9)).containsExactly("9", "1234");
    assertThat(tablet.calls)
        .containsExactly(
            exec(
                "select id from _vt.resharding_journal where id in (9, %d)"
                    .formatted(MigrationId.beside(9, "d'b"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "INVALID_ARGUMENT | unsupported: several statements | false",
        "UNKNOWN          | SYNTAX ERROR at position 7      | false",
        "UNKNOWN          | something else                  | ",
        "UNAVAILABLE      | io exception                    | ",
        "FAILED_PRECONDITION | fenced                       | ",
      })
  void aTabletTakesTransactionsUnlessItRefusesTwoStatements(
      Status.Code code, String message, @org.jspecify.annotations.Nullable Boolean answer) {
    tablet.on("vReplicationTransaction", failure(code, message));
    if (answer == null) {
      assertThatThrownBy(primary::runsTransactions).hasMessage(message);
    } else {
      assertThat(primary.runsTransactions()).isEqualTo(answer);
    }
    tablet.on("vReplicationTransaction", changed(0));
    assertThat(primary.runsTransactions()).isTrue();
  }

  // --- tables --------------------------------------------------------------------------------

  @Test
  void tablesAreDrainedByALockOfAllOfThem() {
    primary.drain(List.of("corder", "o`rder", "order"));

    assertThat(tablet.calls)
        .hasSize(1)
        .first()
        .asString()
        .contains("LOCK TABLES `corder` READ,`o``rder` READ,`order` READ");
  }

  private static Query.QueryResult counters(String... namesAndNext) {
    Query.QueryResult.Builder result =
        Query.QueryResult.newBuilder()
            .addFields(Query.Field.newBuilder().setName("name"))
            .addFields(Query.Field.newBuilder().setName("next"));
    for (int i = 0; i < namesAndNext.length; i += 2) {
      result.addRows(
          Query.Row.newBuilder()
              .addLengths(namesAndNext[i].length())
              .addLengths(namesAndNext[i + 1].length())
              .setValues(
                  com.google.protobuf.ByteString.copyFromUtf8(
                      namesAndNext[i] + namesAndNext[i + 1])));
    }
    return result.build();
  }

  /** They go up to 2^64. */
  @Test
  void nextIdsAreReadWhole() {
    tablet.on(
        "executeMultiFetchAsDba",
        List.of(changed(0), counters("t", "18446744073709551615", "u", "1"), changed(0)));

    assertThat(primary.nextIds(List.of("u", "t'", "t")))
        .isEqualTo(Map.of("t", new BigInteger("18446744073709551615"), "u", BigInteger.ONE));
    assertThat(tablet.calls.getFirst())
        .contains("table_name in (\\'u\\', \\'t\\\\\\'\\', \\'t\\')")
        .contains("max_rows: 3");
  }

  @Test
  void aCounterIsNotRaisedWhileSomebodyUsesItsTable() {
    tablet.on(
        "executeMultiFetchAsDba",
        List.of(),
        failure(Status.Code.DEADLINE_EXCEEDED, "Lock wait (errno 1205) (sqlstate HY000)"),
        failure(Status.Code.UNKNOWN, "no such table (errno 1146) (sqlstate 42S02)"));

    assertThat(primary.raiseNextId("o`rder", BigInteger.TEN)).isTrue();
    assertThat(primary.raiseNextId("t", BigInteger.TEN)).isFalse();
    assertThatThrownBy(() -> primary.raiseNextId("t", BigInteger.TEN)).hasMessageContaining("1146");
    assertThat(tablet.calls.getFirst())
        .contains("alter table `o``rder` auto_increment = 10, algorithm = inplace; set session");
  }
}
