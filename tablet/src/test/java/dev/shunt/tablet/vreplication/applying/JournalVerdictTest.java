package dev.shunt.tablet.vreplication.applying;

import static binlogdata.Binlogdata.MigrationType.SHARDS;
import static binlogdata.Binlogdata.MigrationType.TABLES;
import static binlogdata.Binlogdata.VReplicationWorkflowType.Materialize;
import static binlogdata.Binlogdata.VReplicationWorkflowType.Migrate;
import static binlogdata.Binlogdata.VReplicationWorkflowType.MoveTables;
import static binlogdata.Binlogdata.VReplicationWorkflowType.Reshard;
import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.Journal;
import binlogdata.Binlogdata.MigrationType;
import binlogdata.Binlogdata.ShardGtid;
import binlogdata.Binlogdata.VReplicationWorkflowType;
import dev.shunt.tablet.TabletIdentity;
import io.vitess.proto.Topodata;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a journal is to the stream that reads it. */
class JournalVerdictTest {
  private static final TabletIdentity TABLET =
      new TabletIdentity(
          Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(1).build(),
          "customer",
          "-80",
          "vt_customer",
          "_vt");

  private static Journal journal(MigrationType type, String target, String... tables) {
    return Journal.newBuilder()
        .setId(7)
        .setMigrationType(type)
        .addAllTables(List.of(tables))
        .addShardGtids(ShardGtid.newBuilder().setKeyspace(target).setShard("-80"))
        .addShardGtids(ShardGtid.newBuilder().setKeyspace(target).setShard("80-"))
        .build();
  }

  private static JournalVerdict verdict(
      Journal journal, VReplicationWorkflowType type, boolean copying, String... sources) {
    return JournalVerdict.of(journal, TABLET, type, Set.of(sources), copying, false);
  }

  private static JournalVerdict.Stop stop(String message) {
    return new JournalVerdict.Stop(message);
  }

  @Test
  void passesOneOfOtherTables() {
    Journal other = journal(TABLES, "customer", "t", "u");

    assertThat(verdict(other, Materialize, false, "v")).isEqualTo(new JournalVerdict.Pass());
    assertThat(verdict(other, MoveTables, true, "v", "w")).isEqualTo(new JournalVerdict.Pass());
  }

  @Test
  void stopsWhereOnlySomeTablesMoved() {
    assertThat(verdict(journal(TABLES, "other", "t"), Materialize, false, "t", "u"))
        .isEqualTo(stop("unable to handle journal event: tables were partially matched"));
  }

  @Test
  void followsOneThatMovesAllTablesThatAreRead() {
    Journal one = journal(TABLES, "other", "t", "u", "v").toBuilder().removeShardGtids(1).build();

    assertThat(verdict(one, Materialize, false, "t", "u")).isEqualTo(new JournalVerdict.Follow());
  }

  @ParameterizedTest
  @EnumSource(
      value = VReplicationWorkflowType.class,
      names = {"Materialize", "MoveTables", "CreateLookupIndex", "UNRECOGNIZED"})
  void followsAllShardsWhateverItsTables(VReplicationWorkflowType type) {
    assertThat(verdict(journal(SHARDS, "customer", "/.*"), type, false, "t"))
        .isEqualTo(new JournalVerdict.Follow());
  }

  @ParameterizedTest
  @CsvSource({
    "TABLES, MoveTables, customer, true",
    "TABLES, Migrate, customer, true",
    "TABLES, Reshard, customer, false",
    "TABLES, Materialize, customer, false",
    "TABLES, MoveTables, other, false",
    "SHARDS, Reshard, customer, true",
    "SHARDS, MoveTables, customer, false",
    "SHARDS, Reshard, other, false"
  })
  void stopsStreamsOfTheSwitchItself(
      MigrationType kind, VReplicationWorkflowType type, String target, boolean own) {
    JournalVerdict other =
        kind == SHARDS
            ? new JournalVerdict.Follow()
            : stop(
                "the source of this stream was moved by journal 7 to several shards, and a row of a"
                    + " reference table would come from each of them: delete it and create it anew");
    assertThat(verdict(journal(kind, target, "t"), type, false, "t"))
        .isEqualTo(own ? stop("the source of this stream was moved by journal 7") : other);
  }

  /** By another vindex, or by none, it would get other rows. */
  @Test
  void stopsWhatIsPlacedByTheKeyspaceThatItsTablesHaveLeft() {
    Journal one =
        Journal.newBuilder()
            .setId(7)
            .setMigrationType(TABLES)
            .addTables("t")
            .addShardGtids(ShardGtid.newBuilder().setKeyspace("other").setShard("0"))
            .build();

    assertThat(JournalVerdict.of(one, TABLET, Materialize, Set.of("t"), false, true))
        .isEqualTo(
            stop(
                "the source of this stream was moved by journal 7 to another keyspace, which places"
                    + " rows otherwise than its rules say: delete it and create it anew"));
    assertThat(JournalVerdict.of(one, TABLET, Materialize, Set.of("t"), false, false))
        .isEqualTo(new JournalVerdict.Follow());
  }

  @Test
  void aSwitchIntoAnotherShardOfTheKeyspaceIsNotItsOwn() {
    Journal beside =
        Journal.newBuilder()
            .setMigrationType(TABLES)
            .addTables("t")
            .addShardGtids(ShardGtid.newBuilder().setKeyspace("customer").setShard("80-"))
            .build();

    assertThat(verdict(beside, Migrate, false, "t")).isEqualTo(new JournalVerdict.Follow());
  }

  @Test
  void stopsACopyForGood() {
    assertThat(verdict(journal(SHARDS, "other"), Materialize, true, "t"))
        .isEqualTo(
            stop(
                "the source of this stream was moved by journal 7 before its copy was finished:"
                    + " delete it and create it anew"));
    assertThat(verdict(journal(SHARDS, "customer"), Reshard, true, "t"))
        .isEqualTo(stop("the source of this stream was moved by journal 7"));
  }
}
