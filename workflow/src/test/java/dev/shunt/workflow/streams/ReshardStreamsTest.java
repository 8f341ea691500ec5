package dev.shunt.workflow.streams;

import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.BinlogSource;
import dev.shunt.workflow.migration.ShardMigration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import vschema.Vschema;

/** Streams and journals of a Vitess 24 that resharded {@code customer} from 0 to -80 and 80-. */
class ReshardStreamsTest {
  private static final ShardMigration SPLIT =
      new ShardMigration("customer", List.of("0"), List.of("80-", "-80"));

  private static Map<String, List<BinlogSource>> forward(ShardMigration migration) {
    return ReshardStreams.forward(migration, List.of(), "IGNORE", false);
  }

  private static List<String> text(List<BinlogSource> sources) {
    return sources.stream().map(TextProto::print).toList();
  }

  @Test
  void readAllTablesInTheRangeOfTheirTarget() {
    assertThat(text(forward(SPLIT).getOrDefault("-80", List.of())))
        .containsExactly(
            "keyspace:\"customer\" shard:\"0\" filter:{rules:{match:\"/.*\" filter:\"-80\"}}");
    assertThat(text(forward(SPLIT).getOrDefault("80-", List.of())))
        .containsExactly(
            "keyspace:\"customer\" shard:\"0\" filter:{rules:{match:\"/.*\" filter:\"80-\"}}");
  }

  @Test
  void areOneForEachPairOfShardsThatShareKeys() {
    Map<String, List<BinlogSource>> streams =
        forward(
            new ShardMigration("customer", List.of("-40", "40-80", "80-"), List.of("-60", "60-")));

    assertThat(streams.getOrDefault("-60", List.of()))
        .extracting(BinlogSource::getShard)
        .containsExactly("-40", "40-80");
    assertThat(streams.getOrDefault("60-", List.of()))
        .extracting(BinlogSource::getShard)
        .containsExactly("40-80", "80-");
  }

  @Test
  void leaveReferenceTablesOut() {
    assertThat(
            ReshardStreams.forward(SPLIT, List.of("zip", "country"), "EXEC", true)
                .getOrDefault("-80", List.of()))
        .singleElement()
        .extracting(TextProto::print)
        .isEqualTo(
            "keyspace:\"customer\" shard:\"0\" filter:{rules:{match:\"country\" filter:\"exclude\"}"
                + " rules:{match:\"zip\" filter:\"exclude\"} rules:{match:\"/.*\" filter:\"-80\"}}"
                + " on_ddl:EXEC stop_after_copy:true");
  }

  @Test
  void goBackInTheRangeOfTheirSource() {
    BinlogSource stream = forward(SPLIT).getOrDefault("80-", List.of()).getFirst();

    assertThat(
            TextProto.print(
                StreamPlanner.reverse(SPLIT, stream, "80-", Vschema.Keyspace.getDefaultInstance())))
        .isEqualTo(
            "keyspace:\"customer\" shard:\"80-\" filter:{rules:{match:\"/.*\" filter:\"-\"}}");
  }

  @Test
  void endInAJournalOfShards() {
    assertThat(
            TextProto.print(
                Journals.of(
                    2682610057592306258L,
                    SPLIT.reversed(),
                    List.of("80-", "-80"),
                    "MySQL56/ed941534-e634-11f1-b974-02fc00000001:1-226",
                    Map.of("0", "MySQL56/ece518f5-e634-11f1-a97a-02fc00000001:1-783"),
                    List.of("mat"))))
        .isEqualTo(
            "id:2682610057592306258 migration_type:SHARDS tables:\"/.*\""
                + " local_position:\"MySQL56/ed941534-e634-11f1-b974-02fc00000001:1-226\""
                + " shard_gtids:{keyspace:\"customer\" shard:\"0\""
                + " gtid:\"MySQL56/ece518f5-e634-11f1-a97a-02fc00000001:1-783\"}"
                + " participants:{keyspace:\"customer\" shard:\"-80\"}"
                + " participants:{keyspace:\"customer\" shard:\"80-\"}"
                + " source_workflows:\"mat\"");
  }
}
