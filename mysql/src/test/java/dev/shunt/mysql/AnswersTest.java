package dev.shunt.mysql;

import static dev.shunt.mysql.ScriptedServer.all;
import static dev.shunt.mysql.ScriptedServer.error;
import static dev.shunt.mysql.ScriptedServer.hangUp;
import static dev.shunt.mysql.ScriptedServer.ok;
import static dev.shunt.mysql.ScriptedServer.received;
import static dev.shunt.mysql.ScriptedServer.row;
import static dev.shunt.mysql.ScriptedServer.rows;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is made of the answers of a server, the odd ones too, and what the connection is then. */
class AnswersTest {
  private static final int MORE = Responses.AUTOCOMMIT | Responses.MORE_RESULTS;

  private final ScriptedServer server = ScriptedServer.mysql();

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void valuesAreBytesAndNullIsNoEmptyText() {
    server.on("SELECT", row("é", "", null));
    try (MysqlConnection connection = server.connect()) {
      QueryResult result = connection.execute("SELECT 1");

      Row row = result.only();
      assertThat(row.text(0)).isEqualTo("é");
      assertThat(row.bytes(0)).hasSize(2);
      assertThat(row.text(1)).isEmpty();
      assertThat(row.isNull(1)).isFalse();
      assertThat(row.isNull(2)).isTrue();
      assertThat(row.textOrNull(2)).isNull();
      assertThatIllegalStateException()
          .isThrownBy(() -> row.text(2))
          .withMessage("column 2 of the row is NULL");
      assertThat(result.column("C1")).isEqualTo(1);
      assertThat(result.column("c3")).isEqualTo(-1);
    }
  }

  @Test
  void oneRowIsOneRow() {
    server.on("SELECT none", rows()).on("SELECT two", rows(List.of("1"), List.of("2")));
    try (MysqlConnection connection = server.connect()) {
      assertThatIllegalStateException()
          .isThrownBy(() -> connection.execute("SELECT none").only())
          .withMessage("one row expected, got 0");
      assertThatIllegalStateException()
          .isThrownBy(() -> connection.execute("SELECT two").only())
          .withMessage("one row expected, got 2");
    }
  }

  /** A CALL sends the rows of each SELECT in it, then a status. */
  @Test
  void ofACallTheLastRowsCount() {
    server.on("CALL", all(rows(MORE, List.of("1")), rows(MORE, List.of("2"), List.of("3")), ok()));
    server.on("UPDATE", all(ok(MORE, 1, ""), ok(Responses.AUTOCOMMIT, 7, "")));
    try (MysqlConnection connection = server.connect()) {
      assertThat(connection.execute("CALL p()").rows()).hasSize(1);
      assertThat(connection.execute("UPDATE").affectedRows()).isEqualTo(7);
      assertThat(connection.ping()).isTrue();
    }
  }

  @Test
  void eachOfSeveralStatementsHasItsResult() {
    server.on("SET a", all(ok(MORE, 0, ""), rows(MORE, List.of("1")), ok(2, 3, "")));
    try (MysqlConnection connection = server.connect()) {
      List<QueryResult> results = connection.executeMulti("SET a; SELECT 1; UPDATE t");

      assertThat(results).hasSize(3);
      assertThat(results.get(1).only().number(0)).isEqualTo(1);
      assertThat(results.get(2).affectedRows()).isEqualTo(3);
    }
  }

  @Test
  void theStatementsBehindOneThatFailsAreNotAwaited() {
    server.on("SET a", all(ok(MORE, 0, ""), error(1064, "42000", "You have an error")));
    try (MysqlConnection connection = server.connect()) {
      assertThatThrownBy(() -> connection.executeMulti("SET a; x; SET b"))
          .hasMessage("You have an error (errno 1064) (sqlstate 42000)");

      assertThat(connection.isClosed()).isFalse();
      assertThat(connection.execute("SET c").rows()).isEmpty();
    }
  }

  @Test
  void anErrorBehindSomeRowsIsTheStatements() {
    server.on(
        "SELECT",
        (in, out) -> {
          ScriptedServer.columns(out, 1);
          out.lengthEncoded("1".getBytes(US_ASCII)).send();
          error(3024, "HY000", "maximum statement execution time exceeded").send(in, out);
        });
    try (MysqlConnection connection = server.connect()) {
      assertThatThrownBy(() -> connection.execute("SELECT 1")).hasMessageContaining("(errno 3024)");
      assertThat(connection.ping()).isTrue();
      try (RowCursor cursor = connection.stream("SELECT 1")) {
        assertThat(cursor.next()).isTrue();
        assertThatThrownBy(cursor::next).hasMessageContaining("(errno 3024)");
        assertThat(cursor.next()).isFalse();
      }
      assertThat(connection.ping()).isTrue();
    }
  }

  /** Its first value may be so long that it begins as the end of the rows does. */
  @Test
  void aRowOfMoreThanSixteenMegabytesIsNoEnd() {
    int size = PacketReader.MAX_FRAME + 1;
    server.on(
        "SELECT",
        (in, out) -> {
          ScriptedServer.columns(out, 1);
          out.lengthEncoded(new byte[size]).send();
          ScriptedServer.end(out, Responses.AUTOCOMMIT);
        });
    try (MysqlConnection connection = server.connect()) {
      assertThat(connection.execute("SELECT 1").only().bytes(0)).hasSize(size);
    }
  }

  /** Servers before 5.7.5 end the columns and the rows with a packet of their own. */
  @Test
  void olderEndsOfRowsAreUnderstood() {
    server.offering(ScriptedServer.OFFERED & ~Capability.DEPRECATE_EOF);
    server.on(
        "SELECT",
        (in, out) -> {
          ScriptedServer.columns(out, 1);
          out.int1(0xfe).int2(0).int2(2).send();
          out.lengthEncoded("x".getBytes(US_ASCII)).send();
          out.int1(0xfe).int2(5).int2(Responses.IN_TRANSACTION).send();
        });
    try (MysqlConnection connection = server.connect()) {
      QueryResult result = connection.execute("SELECT 1");

      assertThat(result.only().text(0)).isEqualTo("x");
      assertThat(result.warnings()).isEqualTo(5);
      assertThat(connection.inTransaction()).isTrue();
      assertThat(connection.autocommits()).isFalse();
    }
  }

  @Test
  void aServerThatAsksForAFileGetsNoneAndIsLeft() {
    server.on("SELECT", (in, out) -> out.int1(0xfb).bytes("/etc/passwd".getBytes(US_ASCII)).send());
    for (boolean streamed : new boolean[] {false, true}) {
      try (MysqlConnection connection = server.connect()) {
        assertThatExceptionOfType(MysqlException.class)
            .isThrownBy(() -> {
              if (streamed) {
                connection.stream("SELECT 1").close();
              } else {
                connection.execute("SELECT 1");
              }
            })
            .withMessageContaining("the server asked for a local file")
            .satisfies(e -> assertThat(e.connectionLost()).isTrue());
        assertThat(connection.isClosed()).isTrue();
      }
    }
  }

  @Test
  void localDataIsSentWholeInPiecesAndEndedOnce() {
    CompletableFuture<byte[]> loaded = new CompletableFuture<>();
    server.on(
        "LOAD",
        (in, out) -> {
          out.int1(0xfb).bytes("f".getBytes(US_ASCII)).send();
          ByteArrayOutputStream all = new ByteArrayOutputStream();
          byte[] part;
          do {
            part = received(in, out);
            all.writeBytes(part);
          } while (part.length > 0);
          loaded.complete(all.toByteArray());
          ok(2, 3, "Records: 3").send(in, out);
        });
    byte[] data = new byte[256 * 1024 + 7];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (i * 7);
    }
    try (MysqlConnection connection = server.connect()) {
      QueryResult result =
          connection.loadDataLocal(
              "LOAD DATA",
              out -> {
                out.write(data[0]);
                out.write(data, 1, data.length - 3);
                out.write(data[data.length - 2]);
                out.write(data[data.length - 1]);
              });

      assertThat(result.affectedRows()).isEqualTo(3);
      assertThat(result.info()).isEqualTo("Records: 3");
      assertThat(loaded.join()).isEqualTo(data);
      assertThat(connection.ping()).isTrue();
    }
  }

  /** An end in order would have the server load what came so far. */
  @Test
  void localDataThatBreaksOffEndsTheConnection() {
    server.on("LOAD", (in, out) -> out.int1(0xfb).bytes("f".getBytes(US_ASCII)).send());
    try (MysqlConnection connection = server.connect()) {
      assertThatThrownBy(() ->
              connection.loadDataLocal(
                  "LOAD DATA",
                  out -> {
                    out.write(1);
                    throw new IOException("the source broke");
                  }))
          .isInstanceOf(MysqlException.class)
          .hasMessageContaining("the source broke");
      assertThat(connection.isClosed()).isTrue();
    }
  }

  @Test
  void nothingRunsBesideAnOpenCursor() {
    server.on("SELECT", rows(List.of("1"), List.of("2")));
    try (MysqlConnection connection = server.connect()) {
      RowCursor cursor = connection.stream("SELECT 1");
      assertThatIllegalStateException()
          .isThrownBy(() -> connection.execute("SET a"))
          .withMessageContaining("a row cursor is open on this connection");
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.row().text(0)).isEqualTo("1");
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.next()).isFalse();
      assertThat(connection.execute("SET a").rows()).isEmpty();

      RowCursor left = connection.stream("SELECT 1");
      assertThat(left.next()).isTrue();
      left.close();

      assertThat(connection.isClosed()).isTrue();
    }
  }

  @Test
  void aCursorReadsPastResultsThatFollow() {
    server.on("CALL", all(rows(MORE, List.of("1")), rows(MORE, List.of("2")), ok()));
    try (MysqlConnection connection = server.connect();
        RowCursor cursor = connection.stream("CALL p()")) {
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.length(0)).isEqualTo(1);
      assertThat(cursor.rowBytes()).isEqualTo(1);
      assertThat(cursor.bytes(0)).containsExactly('1');
      assertThat(cursor.next()).isFalse();
      assertThat(connection.ping()).isTrue();
    }
  }

  @Test
  void aStatementWithoutRowsHasACursorAtItsEnd() {
    try (MysqlConnection connection = server.connect();
        RowCursor cursor = connection.stream("SET a = 1")) {
      assertThat(cursor.columns()).isEmpty();
      assertThat(cursor.next()).isFalse();
      assertThat(connection.ping()).isTrue();
    }
  }

  @Test
  void aLostConnectionSaysWhereAndInWhat() {
    server.on("SELECT", hangUp());
    try (MysqlConnection connection = server.connect()) {
      assertThatExceptionOfType(MysqlException.class)
          .isThrownBy(() -> connection.execute("SELECT 1"))
          .withMessageMatching(
              "lost the connection to the database at 127.0.0.1:\\d+ while running a statement: .*")
          .satisfies(e -> assertThat(e.errno()).isEqualTo(MysqlException.LOST_CONNECTION));
      assertThat(connection.isClosed()).isTrue();
      assertThat(connection.ping()).isFalse();
      assertThatExceptionOfType(MysqlException.class)
          .isThrownBy(() -> connection.execute("SELECT 1"))
          .satisfies(e -> assertThat(e.errno()).isEqualTo(MysqlException.GONE_AWAY));
    }
  }

  @Test
  void aValueLongerThanItsPacketEndsTheConnection() {
    server.on(
        "SELECT",
        (in, out) -> {
          ScriptedServer.columns(out, 1);
          out.int1(9).int1('x').send();
        });
    try (MysqlConnection connection = server.connect()) {
      assertThatExceptionOfType(MysqlException.class)
          .isThrownBy(() -> connection.execute("SELECT 1"))
          .satisfies(e -> assertThat(e.errno()).isEqualTo(MysqlException.MALFORMED_PACKET));
      assertThat(connection.isClosed()).isTrue();
    }
  }

  @Test
  void whateverAnswersThatAStatementIsAllowedOnlyOneAtATime() {
    try (MysqlConnection connection = server.connect()) {
      connection.executeMulti("SET a");
      connection.reset();
      connection.executeMulti("SET b");
      assertThat(server.statements()).containsExactly("SET a", "SET b");
    }
  }

  @Test
  void theGateIsPassedAtTheBeginningAndBehindEachReset() {
    List<String> seen = new java.util.concurrent.CopyOnWriteArrayList<>();
    MysqlEndpoint endpoint =
        server
            .endpoint("geheim")
            .withGate(fresh -> {
              seen.add("in");
              return () -> seen.add("out");
            });
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      connection.reset();
    }
    assertThat(seen).containsExactly("in", "out", "in", "out");

    assertThatThrownBy(() ->
            MysqlConnection.open(
                    endpoint.withGate(fresh -> {
                      throw MysqlException.refused("the gate is closed");
                    }))
                .close())
        .hasMessageContaining("the gate is closed (errno 2998)");
  }
}
