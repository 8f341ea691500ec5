package dev.shunt.tablet.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata;
import dev.shunt.tablet.RpcException;
import dev.shunt.workflow.streams.TextProto;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

class StoredFormsTest {
  /** As a Vitess 24 stored it. */
  private static final String JOURNAL =
      "id:7619041373535441001 tables:\"corder\" tables:\"customer\""
          + " local_position:\"MySQL56/ece518f5-e634-11f1-a97a-02fc00000001:1-708\""
          + " shard_gtids:{keyspace:\"commerce\" shard:\"0\""
          + " gtid:\"MySQL56/ec33d23e-e634-11f1-9498-02fc00000001:1-81\"}"
          + " participants:{keyspace:\"customer\" shard:\"0\"}";

  @Test
  void printsAJournalAsVitessDoes() {
    Binlogdata.Journal journal =
        StoredProto.parse(JOURNAL, Binlogdata.Journal.getDefaultInstance());
    assertThat(TextProto.print(journal)).isEqualTo(JOURNAL);
  }

  @Test
  void readsWhatItPrintsForOddNames() {
    Binlogdata.BinlogSource source =
        Binlogdata.BinlogSource.newBuilder()
            .setKeyspace("a\"b\\c\n\u0001é")
            .setOnDdl(Binlogdata.OnDDLAction.EXEC)
            .build();
    assertThat(
            StoredProto.parse(
                TextProto.print(source), Binlogdata.BinlogSource.getDefaultInstance()))
        .isEqualTo(source);
  }

  @Test
  void readsCompressedPositions() {
    byte[] position =
        "MySQL56/ec33d23e-e634-11f1-9498-02fc00000001:1-81".getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream stored = new ByteArrayOutputStream();
    stored.write(position.length);
    stored.writeBytes(new byte[3]);
    byte[] buffer = new byte[200];
    Deflater deflater = new Deflater();
    deflater.setInput(position);
    deflater.finish();
    stored.write(buffer, 0, deflater.deflate(buffer));
    deflater.end();
    assertThat(StoredPosition.read(stored.toByteArray()).getBytes(StandardCharsets.UTF_8))
        .isEqualTo(position);
    assertThat(StoredPosition.read(position).getBytes(StandardCharsets.UTF_8)).isEqualTo(position);
    assertThat(StoredPosition.read(null)).isEmpty();
  }

  @Test
  void storesPositionsThatAreTooLongForTheirColumnCompressed() {
    assertThat(StoredPosition.literal("MariaDB/0-1-5")).isEqualTo("'MariaDB/0-1-5'");
    String position = position(300);
    String literal = StoredPosition.literal(position);
    assertThat(literal).startsWith("X'");
    byte[] stored = HexFormat.of().parseHex(literal, 2, literal.length() - 1);
    assertThat(stored.length).isLessThanOrEqualTo(10_000);
    assertThat(StoredPosition.read(stored)).isEqualTo(position);

    assertThatThrownBy(() -> StoredPosition.literal(position(1000)))
        .isInstanceOfSatisfying(
            RpcException.class,
            e -> assertThat(e.code()).isEqualTo(Status.Code.FAILED_PRECONDITION));
  }

  private static String position(int servers) {
    Random random = new Random(3);
    return "MySQL56/"
        + Stream.generate(() -> new UUID(random.nextLong(), random.nextLong()) + ":1-5")
            .limit(servers)
            .collect(Collectors.joining(","));
  }

  @Test
  void cutsLongMessagesInTheMiddle() {
    String cut = VReplicationLog.shorten("start" + "é".repeat(1000) + "the cause", 100);
    assertThat(cut).startsWith("start").contains(" ... ").endsWith("the cause");
    assertThat(cut.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(100);
    assertThat(VReplicationLog.shorten("short", 100)).isEqualTo("short");
  }
}
