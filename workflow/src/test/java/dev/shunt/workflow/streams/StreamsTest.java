package dev.shunt.workflow.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Journal;
import binlogdata.Binlogdata.OnDDLAction;
import binlogdata.Binlogdata.Rule;
import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.streams.MigrationId.StreamId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import vschema.Vschema;

class StreamsTest {
  private static final Vschema.Keyspace UNSHARDED = Vschema.Keyspace.getDefaultInstance();

  @Test
  void hashesStreamsToTheIdsThatVitessPrinted() {
    assertThat(MigrationId.of("keyspace1", List.of(new StreamId("0", 2))))
        .isEqualTo(4098448490216452955L);
    assertThat(
            MigrationId.of(
                "profiles",
                List.of(
                    new StreamId("0", 8),
                    new StreamId("0", 5),
                    new StreamId("0", 7),
                    new StreamId("0", 6))))
        .isEqualTo(1798585290430449935L);
    assertThat(MigrationId.of("customer", List.of(new StreamId("-80", 1), new StreamId("80-", 1))))
        .isEqualTo(8200191490597391617L);
    assertThat(MigrationId.of("customer", List.of(new StreamId("0", 7))))
        .isEqualTo(6740760173349126726L);
  }

  @Test
  void reversesNames() {
    assertThat(WorkflowNames.reverse("c2c")).isEqualTo("c2c_reverse");
    assertThat(WorkflowNames.reverse("c2c_reverse")).isEqualTo("c2c");
    assertThat(WorkflowNames.forward("c2c_reverse")).isEqualTo("c2c");
    assertThat(WorkflowNames.forward("c2c")).isEqualTo("c2c");
  }

  @Test
  void copiesWholeTablesToAnUnshardedTarget() {
    var streams = StreamPlanner.forward(request(List.of("0"), List.of("0"), UNSHARDED, UNSHARDED));

    assertThat(streams).containsOnlyKeys("0");
    assertThat(streams.get("0"))
        .containsExactly(
            TextProto.binlogSource(
                """
                keyspace:"commerce" shard:"0" filter:{\
                rules:{match:"corder" filter:"select * from `corder`"} \
                rules:{match:"customer" filter:"select * from `customer`"}}
                """));
  }

  @Test
  void filtersByKeyRangeForAShardedTarget() {
    var streams =
        StreamPlanner.forward(
            request(
                List.of("0"), List.of("80-", "-80"), UNSHARDED, sharded("customer_id", "hash")));

    assertThat(streams).containsOnlyKeys("-80", "80-");
    assertThat(filters(streams.get("-80").getFirst()))
        .containsExactly(
            "select * from corder where in_keyrange(customer_id, 'customer.v', '-80')",
            "select * from customer where in_keyrange(customer_id, 'customer.v', '-80')");
    assertThat(filters(streams.get("80-").getFirst()).getFirst())
        .isEqualTo("select * from corder where in_keyrange(customer_id, 'customer.v', '80-')");
  }

  @Test
  void mergesShardsIntoOne() {
    var streams =
        StreamPlanner.forward(
            request(List.of("-80", "80-"), List.of("0"), sharded("id", "hash"), UNSHARDED));

    assertThat(streams.get("0")).extracting(BinlogSource::getShard).containsExactly("-80", "80-");
  }

  @Test
  void pairsShardsThatIntersectWhenVindexesAgree() {
    var streams =
        StreamPlanner.forward(
            request(
                List.of("-80", "80-"),
                List.of("-40", "40-80", "80-"),
                sharded("id", "hash"),
                sharded("ID", "Hash")));

    assertThat(streams.get("40-80")).extracting(BinlogSource::getShard).containsExactly("-80");
    assertThat(filters(streams.get("40-80").getFirst()).getFirst()).contains("'40-80'");
    assertThat(streams.get("80-")).extracting(BinlogSource::getShard).containsExactly("80-");
    assertThat(filters(streams.get("80-").getFirst()).getFirst())
        .as("equal ranges need no filter")
        .isEqualTo("select * from `corder`");
  }

  @Test
  void pairsEveryShardWhenVindexesDiffer() {
    var streams =
        StreamPlanner.forward(
            request(
                List.of("-80", "80-"),
                List.of("-80", "80-"),
                sharded("id", "hash"),
                sharded("id", "xxhash")));

    assertThat(streams.get("-80")).extracting(BinlogSource::getShard).containsExactly("-80", "80-");
    assertThat(filters(streams.get("-80").getLast()).getFirst())
        .isEqualTo("select * from corder where in_keyrange(id, 'customer.v', '-80')");
  }

  @Test
  void copiesReferenceTablesWhole() {
    Vschema.Keyspace target =
        sharded("id", "hash").toBuilder()
            .putTables("corder", Vschema.Table.newBuilder().setType("reference").build())
            .build();

    var streams =
        StreamPlanner.forward(request(List.of("0"), List.of("-80", "80-"), UNSHARDED, target));

    assertThat(filters(streams.get("-80").getFirst()).getFirst())
        .isEqualTo("select * from `corder`");
  }

  @Test
  void refusesTablesThatAShardedTargetDoesNotPlace() {
    Vschema.Keyspace target = sharded("id", "hash").toBuilder().removeTables("corder").build();

    assertThatThrownBy(() ->
            StreamPlanner.forward(request(List.of("0"), List.of("-80", "80-"), UNSHARDED, target)))
        .isInstanceOf(RefusedException.class)
        .hasMessage("table corder not found in vschema for keyspace customer");
  }

  @Test
  void refusesToMoveNothing() {
    assertThatThrownBy(
            () -> StreamPlanner.forward(request(List.of(), List.of("0"), UNSHARDED, UNSHARDED)))
        .isInstanceOf(RefusedException.class)
        .hasMessage("no source shards in commerce");
  }

  @Test
  void readsBackFromTheTarget() {
    TableMigration move = new TableMigration("commerce", "customer", List.of("corder", "customer"));
    var forward =
        StreamPlanner.forward(
            new MoveTablesStreams(
                move,
                List.of("-80", "80-"),
                List.of("0"),
                sharded("id", "hash"),
                UNSHARDED,
                "stop",
                false,
                "US/Pacific"));

    BinlogSource reverse =
        StreamPlanner.reverse(move, forward.get("0").getLast(), "0", sharded("id", "hash"));

    assertThat(reverse.getKeyspace()).isEqualTo("customer");
    assertThat(reverse.getShard()).isEqualTo("0");
    assertThat(reverse.getOnDdl()).isEqualTo(OnDDLAction.STOP);
    assertThat(reverse.getSourceTimeZone()).isEqualTo("UTC");
    assertThat(reverse.getTargetTimeZone()).isEqualTo("US/Pacific");
    assertThat(filters(reverse).getFirst())
        .isEqualTo("select * from `corder` where in_keyrange(id, 'commerce.v', '80-')");
  }

  @Test
  void addsEntriesToTheVschemaOfAnUnshardedTarget() {
    Vschema.Keyspace source =
        UNSHARDED.toBuilder()
            .putTables(
                "corder",
                Vschema.Table.newBuilder()
                    .addColumnVindexes(Vschema.ColumnVindex.newBuilder().setName("v"))
                    .setAutoIncrement(Vschema.AutoIncrement.newBuilder().setColumn("id"))
                    .build())
            .build();

    Vschema.Keyspace changed =
        StreamPlanner.targetVschemaWith(UNSHARDED, source, List.of("corder", "customer"));

    assertThat(changed.getTablesMap()).containsOnlyKeys("corder", "customer");
    assertThat(changed.getTablesOrThrow("corder").getColumnVindexesCount()).isZero();
    assertThat(changed.getTablesOrThrow("corder").getAutoIncrement().getColumn()).isEqualTo("id");
    Vschema.Keyspace sharded = sharded("id", "hash");
    assertThat(StreamPlanner.targetVschemaWith(sharded, source, List.of("x"))).isSameAs(sharded);
  }

  @Test
  void writesAJournalThatVitessCanRead() {
    Journal journal =
        Journals.ofTables(
            6740760173349126724L,
            new TableMigration("commerce", "customer", List.of("sbtest1", "corder", "customer")),
            List.of("80-", "-80"),
            "MySQL56/ec33d23e-e634-11f1-9498-02fc00000001:1-32",
            Map.of("0", "MySQL56/ece518f5-e634-11f1-a97a-02fc00000001:1-705"));

    assertThat(journal)
        .isEqualTo(
            TextProto.journal(
                """
                id:6740760173349126724 tables:"corder" tables:"customer" tables:"sbtest1" \
                local_position:"MySQL56/ec33d23e-e634-11f1-9498-02fc00000001:1-32" \
                shard_gtids:{keyspace:"customer" shard:"0" \
                gtid:"MySQL56/ece518f5-e634-11f1-a97a-02fc00000001:1-705"} \
                participants:{keyspace:"commerce" shard:"-80"} \
                participants:{keyspace:"commerce" shard:"80-"}
                """));
    assertThat(TextProto.journal(TextProto.print(journal))).isEqualTo(journal);
    assertThat(TextProto.print(journal)).doesNotContain("\n");
  }

  /** Versions to come may write fields that are not known here, and others write more blanks. */
  @Test
  void readsWhatOtherVersionsWrite() {
    assertThat(
            TextProto.binlogSource(
                """
                keyspace: "commerce"  shard: "0"
                field_to_come { rules { match: "t" } }
                """))
        .isEqualTo(TextProto.binlogSource("keyspace:\"commerce\" shard:\"0\""));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextProto.binlogSource("keyspace:"))
        .withMessageStartingWith("not a BinlogSource in text form: ");
  }

  private static MoveTablesStreams request(
      List<String> sourceShards,
      List<String> targetShards,
      Vschema.Keyspace source,
      Vschema.Keyspace target) {
    return new MoveTablesStreams(
        new TableMigration("commerce", "customer", List.of("customer", "corder")),
        sourceShards,
        targetShards,
        source,
        target,
        "",
        false,
        "");
  }

  private static Vschema.Keyspace sharded(String column, String type) {
    Vschema.Table table =
        Vschema.Table.newBuilder()
            .addColumnVindexes(
                Vschema.ColumnVindex.newBuilder().setColumn(column).setName("v").build())
            .build();
    return Vschema.Keyspace.newBuilder()
        .setSharded(true)
        .putVindexes("v", Vschema.Vindex.newBuilder().setType(type).build())
        .putTables("corder", table)
        .putTables("customer", table)
        .build();
  }

  private static List<String> filters(BinlogSource source) {
    return source.getFilter().getRulesList().stream().map(Rule::getFilter).toList();
  }
}
