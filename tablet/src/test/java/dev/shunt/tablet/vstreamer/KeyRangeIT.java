package dev.shunt.tablet.vstreamer;

import static dev.shunt.tablet.vstreamer.StreamProbe.filter;
import static dev.shunt.tablet.vstreamer.StreamProbe.position;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.RpcException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import vschema.Vschema;

/** Copies and changes are cut to key ranges by vindexes of all kinds, both in the same way. */
class KeyRangeIT {
  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  private static Vschema.Vindex vindex(String type, String... parameters) {
    Vschema.Vindex.Builder vindex = Vschema.Vindex.newBuilder().setType(type);
    for (int i = 0; i < parameters.length; i += 2) {
      vindex.putParams(parameters[i], parameters[i + 1]);
    }
    return vindex.build();
  }

  private static final Vschema.SrvVSchema VSCHEMA =
      Vschema.SrvVSchema.newBuilder()
          .putKeyspaces(
              "commerce",
              Vschema.Keyspace.newBuilder()
                  .setSharded(true)
                  .putVindexes("region", vindex("region_experimental", "region_bytes", "1"))
                  .putVindexes("pair", vindex("multicol", "column_count", "2"))
                  .putVindexes("map", vindex("numeric_static_map", "json", "{\"1\": 1}"))
                  .putVindexes("parts", vindex("cfc", "hash", "md5", "offsets", "[6]"))
                  .putTables(
                      "a",
                      Vschema.Table.newBuilder()
                          .addColumnVindexes(
                              Vschema.ColumnVindex.newBuilder()
                                  .setName("region")
                                  .addColumns("r")
                                  .addColumns("id"))
                          .build())
                  .build())
          .build();

  @ParameterizedTest
  @MethodSource("kinds")
  void cutsCopiesAndChangesAlike(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    database.run(
        "CREATE TABLE a (id INT UNSIGNED PRIMARY KEY, r INT, name VARCHAR(20)"
            + " CHARACTER SET utf8mb4)");
    Position start = position(database);
    for (int i = 0; i < 40; i++) {
      database.run("INSERT INTO a VALUES (" + i + "," + i * 7 + ",'Name " + i + " ')");
    }
    for (String condition :
        List.of(
            "in_keyrange('-80')",
            "in_keyrange(r, id, 'commerce.region', '-80')",
            "in_keyrange(id, r, 'pair', '-80')",
            "in_keyrange(id, 'map', '-0000000000000010')",
            "in_keyrange(name, 'commerce.parts', '-80')",
            "in_keyrange(name, 'unicode_loose_md5', '-80')",
            "in_keyrange(name, 'unicode_loose_xxhash', '-80')",
            "in_keyrange(name, 'binary_md5', '-80')",
            "in_keyrange(name, 'binary', '-4e616d652033')",
            "in_keyrange(id, 'xxhash', '-80')",
            "in_keyrange(id, 'numeric', '-0000000000000014')",
            "in_keyrange(id, 'reverse_bits', '-80')",
            "in_keyrange(id, 'hash', '-80') and id > 3")) {
      String query = "select id from a where " + condition;
      List<String> copied = new ArrayList<>();
      List<String> followed;
      try (DatabaseVStreamer streamer = StreamProbe.streamer(database, VSCHEMA)) {
        streamer.vstreamRows(
            query,
            null,
            Binlogdata.VStreamOptions.getDefaultInstance(),
            packet ->
                packet
                    .toMessage()
                    .getRowsList()
                    .forEach(row -> copied.add("a:>" + StreamProbe.text(row))));
      }
      try (StreamProbe probe = new StreamProbe(database, VSCHEMA)) {
        probe.follow(start.encoded(), StreamProbe.filter("a", query));
        followed =
            StreamProbe.describe(probe.until(position(database))).stream()
                .filter(text -> text.startsWith("a:"))
                .toList();
      }
      assertThat(followed).as(condition).containsExactlyElementsOf(copied);
      assertThat(copied).as(condition).hasSizeBetween(5, 36);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void refusesColumnsThatAreNotAsManyAsTheVindexTakes(DatabaseKind kind) {
    TestDatabase database = TestDatabase.source(kind);
    database.run("CREATE TABLE a (id INT PRIMARY KEY, r INT)");
    try (DatabaseVStreamer streamer = StreamProbe.streamer(database, VSCHEMA)) {
      assertThatThrownBy(() ->
              streamer.vstreamRows(
                  "select * from a where in_keyrange(id, 'commerce.region', '-80')",
                  null,
                  Binlogdata.VStreamOptions.getDefaultInstance(),
                  packet -> {}))
          .isInstanceOf(RpcException.class)
          .hasMessageContaining("takes 2");
    }
  }

  private static Vschema.SrvVSchema placing(String type) {
    return Vschema.SrvVSchema.newBuilder()
        .putKeyspaces(
            "commerce",
            Vschema.Keyspace.newBuilder()
                .setSharded(true)
                .putVindexes("by", vindex(type))
                .putVindexes("unused", vindex(type))
                .putTables(
                    "a",
                    Vschema.Table.newBuilder()
                        .addColumnVindexes(
                            Vschema.ColumnVindex.newBuilder().setName("by").addColumns("id"))
                        .build())
                .build())
        .build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-80", "select * from a where in_keyrange(id, 'commerce.by', '-80')"})
  void aChangeOfWhatPlacesTheRowsEndsAStreamThatRuns(String rule) throws Exception {
    TestDatabase database = TestDatabase.source(DatabaseKind.MARIADB_11_4);
    database.run("CREATE TABLE a (id INT UNSIGNED PRIMARY KEY)");
    Position start = position(database);
    database.run("INSERT INTO a VALUES (1)");
    Position end = position(database);
    AtomicReference<Vschema.SrvVSchema> vschema = new AtomicReference<>(placing("hash"));
    try (StreamProbe probe = new StreamProbe(database, vschema::get)) {
      probe.follow(start.encoded(), filter("a", rule));
      assertThat(probe.until(end)).isNotEmpty();

      vschema.set(
          placing("hash").toBuilder()
              .putKeyspaces("other", Vschema.Keyspace.getDefaultInstance())
              .build());
      database.run("INSERT INTO a VALUES (2)");
      assertThat(probe.until(position(database))).isNotEmpty();

      vschema.set(placing("xxhash"));
      assertThat(probe.failure())
          .hasMessageContaining("places rows of table a by xxhash[id] now")
          .hasMessageContaining("began with hash[id]");
    }
  }
}
