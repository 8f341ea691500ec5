package dev.shunt.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.shunt.workflow.sharding.KeyRange;
import dev.shunt.workflow.sharding.KeyspaceIds;
import dev.shunt.workflow.sql.SqlParser;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import vschema.Vschema;

/**
 * Statements that are not the usual ones: each goes to the right shards, or nowhere with a reason.
 */
class RoutingEdgesTest {
  private static final String SPELLED_AS_FRACTION =
      " is spelled as a fraction and can't place a row by its text, which depends on the column's"
          + " type";

  private static final SqlParser PARSER = SqlParser.create();
  private static final List<String> SHARDS = List.of("-40", "40-80", "80-c0", "c0-");

  private static final Vschema.Keyspace SHARDED =
      Vschema.Keyspace.newBuilder()
          .setSharded(true)
          .putVindexes("hash", Vschema.Vindex.newBuilder().setType("hash").build())
          .putVindexes("xx", Vschema.Vindex.newBuilder().setType("xxhash").build())
          .putVindexes(
              "two",
              Vschema.Vindex.newBuilder()
                  .setType("multicol")
                  .putParams("column_count", "2")
                  .build())
          .putTables("t", by("hash", "id"))
          .putTables("named", by("xx", "name"))
          .putTables("pair", by("two", "a", "b"))
          .putTables("kinds", Vschema.Table.newBuilder().setType("reference").build())
          .putTables("bare", Vschema.Table.getDefaultInstance())
          .build();

  private static Vschema.Table by(String vindex, String... columns) {
    return Vschema.Table.newBuilder()
        .addColumnVindexes(
            Vschema.ColumnVindex.newBuilder().setName(vindex).addAllColumns(Arrays.asList(columns)))
        .build();
  }

  private static Topodata.Tablet tablet(String keyspace, String shard) {
    return Topodata.Tablet.newBuilder()
        .setAlias(Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(uid(keyspace, shard)))
        .setKeyspace(keyspace)
        .setShard(shard)
        .build();
  }

  private static int uid(String keyspace, String shard) {
    return keyspace.equals("plain") ? 900 : 100 * (1 + SHARDS.indexOf(shard));
  }

  private static Topodata.Shard shard(String keyspace, String shard) {
    return Topodata.Shard.newBuilder()
        .setPrimaryAlias(tablet(keyspace, shard).getAlias())
        .setIsPrimaryServing(true)
        .build();
  }

  private final Vschema.RoutingRules.Builder rules = Vschema.RoutingRules.newBuilder();
  private final Map<String, Topodata.Shard> shards = new HashMap<>();
  private final Map<String, Topodata.Tablet> tablets = new HashMap<>();

  RoutingEdgesTest() {
    SHARDS.forEach(shard -> add("sharded", shard));
    add("plain", "0");
  }

  private void add(String keyspace, String shard) {
    shards.put(keyspace + "/" + shard, shard(keyspace, shard));
    tablets.put(
        "tablets/zone1-%010d/Tablet".formatted(uid(keyspace, shard)), tablet(keyspace, shard));
  }

  private void rule(String from, String... to) {
    rules.addRules(
        Vschema.RoutingRule.newBuilder().setFromTable(from).addAllToTables(Arrays.asList(to)));
  }

  private RoutingSnapshot topology() {
    return new RoutingSnapshot(
        1,
        Vschema.SrvVSchema.newBuilder()
            .putKeyspaces("sharded", SHARDED)
            .putKeyspaces("plain", Vschema.Keyspace.getDefaultInstance())
            .setRoutingRules(rules)
            .build(),
        shards,
        tablets);
  }

  private Route route(String keyspace, String sql, Map<String, ? extends @Nullable Object> binds) {
    return StatementRouter.route(
        topology(), keyspace, Topodata.TabletType.PRIMARY, PARSER.parse(sql), Binds.of(binds));
  }

  /** The shards that a statement goes to. */
  private List<String> to(String sql, Map<String, ? extends @Nullable Object> binds) {
    return ((Route.To) route("sharded", sql, binds))
        .primaries().stream().map(Topodata.Tablet::getShard).toList();
  }

  private List<String> to(String sql) {
    return to(sql, Map.of());
  }

  private void refused(String keyspace, String sql, String message) {
    refused(keyspace, sql, Map.of(), message);
  }

  private void refused(
      String keyspace, String sql, Map<String, ? extends @Nullable Object> binds, String message) {
    assertThatExceptionOfType(RoutingException.class)
        .isThrownBy(() -> route(keyspace, sql, binds))
        .withMessage(message)
        .satisfies(e -> assertThat(e.kind()).isEqualTo(RoutingException.Kind.REFUSED));
  }

  private static String shardOf(String table, String value) {
    byte[] id =
        KeyspaceIds.primary("sharded", SHARDED, table)
            .orElseThrow()
            .vindex()
            .map(value.getBytes(StandardCharsets.UTF_8));
    return SHARDS.stream()
        .filter(shard -> KeyRange.parse(shard).contains(id))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void readsAndWritesOfARowMeetOnItsShardHoweverTheValueIsWritten(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 50; i++) {
      long id = random.nextLong() >> random.nextInt(64);
      String shard = shardOf("t", Long.toString(id));
      assertThat(to("select * from t where id = " + id)).containsExactly(shard);
      assertThat(to("select * from t where a = 1 and ID = '" + id + "'")).containsExactly(shard);
      assertThat(to("delete from t where id = :id", Map.of("id", id))).containsExactly(shard);
      assertThat(to("update t set a = 1 where id in (:id)", Map.of("id", Long.toString(id))))
          .containsExactly(shard);
      assertThat(
              to(
                  "insert into t (a, Id) values (1, :id)",
                  Map.of("id", Long.toString(id).getBytes(StandardCharsets.UTF_8))))
          .containsExactly(shard);
      assertThat(to("replace into t (id) values (:id)", Map.of("id", BigDecimal.valueOf(id))))
          .containsExactly(shard);
    }
  }

  @Test
  void eachShardOfAListIsAskedOnceInTheOrderOfItsValues() {
    String one = shardOf("t", "1");
    String two = shardOf("t", "2");
    String four = shardOf("t", "4");
    List<String> wanted = List.of(four, one, two).stream().distinct().toList();

    assertThat(to("select * from t where id in (4, 1, 2, 4, 1)")).isEqualTo(wanted);
  }

  /** All shards have the same rows: from more than one they would come more than once. */
  @Test
  void aReferenceTableIsReadFromOneShard() {
    assertThat(to("select * from kinds")).containsExactly("-40");
    assertThat(to("select count(*) from kinds order by 1 limit 3")).containsExactly("-40");
  }

  @Test
  void aReferenceTableIsNotWrittenOnOneShardAlone() {
    refused(
        "sharded",
        "insert into kinds (id) values (1)",
        "insert into reference table kinds through its source");
    refused(
        "sharded",
        "delete from kinds where id = 1",
        "a write must go to one shard of the keyspace sharded: name the sharding column");
    refused(
        "sharded",
        "select * from kinds for update",
        "a locking read must go to one shard of the keyspace sharded: name the sharding column");
  }

  /** Its shard would be that of an empty text. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "insert into named (name) values (:v)",
        "insert into named (name) values (null)",
        "select * from named where name = :v",
        "delete from named where name in ('a', :v)"
      })
  void nullPlacesNoRow(String sql) {
    Map<String, @Nullable Object> binds = new HashMap<>();
    binds.put("v", null);

    refused("sharded", sql, binds, "NULL can't place a row");
    assertThat(to("select * from named where name = :v", Map.of("v", "")))
        .containsExactly(shardOf("named", ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"'abc'", "'1.5'", "' 1'", "18446744073709551616", ":v"})
  void aValueThatTheVindexDoesNotTakeIsRefused(String value) {
    refused(
        "sharded",
        "select * from t where id = " + value,
        Map.of("v", 1e20),
        "could not map value to a keyspace id: vindex hash: value is not a 64-bit integer");
  }

  @Test
  void aRowIsNotMovedByAnInsertThatFindsIt() {
    refused(
        "sharded",
        "insert into t (id, a) values (1, 2) on duplicate key update ID = 5",
        "column id places the rows of sharded.t and can't be updated");
    assertThat(to("insert into t (id, a) values (1, 2) on duplicate key update a = 5"))
        .containsExactly(shardOf("t", "1"));
  }

  @Test
  void anInsertThatDoesNotSayWhereIsRefused() {
    String name =
        "an insert into the sharded table sharded.t must name column id and give its values";
    refused("sharded", "insert into t values (1, 2)", name);
    refused("sharded", "insert into t (a) values (1)", name);
    refused("sharded", "insert into t (id) values (default)", "DEFAULT can't place a row");
    refused(
        "sharded",
        "insert into t (id) values (1 + 1)",
        "a write must go to one shard of the keyspace sharded: name the sharding column");
  }

  @Test
  void tablesThatTheVSchemaDoesNotPlaceAreRefused() {
    refused(
        "sharded",
        "select * from nowhere",
        "table nowhere not found in vschema for keyspace sharded");
    refused("sharded", "select * from bare", "table sharded.bare has no vindex in the vschema");
    refused(
        "sharded",
        "select * from pair where a = 1 and b = 2",
        "vindex two of table sharded.pair takes columns [a, b]; statements are routed by one"
            + " column");
  }

  @Test
  void whatTheShardsCanNotDoOneByOneIsRefused() {
    refused(
        "sharded",
        "select * from t join named on t.a = named.a",
        "a join or sub-select can't be routed in the sharded keyspace sharded");
    refused(
        "sharded",
        "delete from t where a in (select a from named)",
        "a join or sub-select can't be routed in the sharded keyspace sharded");
    for (String sql :
        List.of(
            "select distinct a from t",
            "select a from t order by a",
            "select a from t limit 1",
            "select max(a) from t",
            "select a from t where id in (1, 2, 3, 4, 5, 6) group by a")) {
      refused(
          "sharded",
          sql,
          "a query that sorts, limits or aggregates must name one shard of sharded");
    }
    assertThat(to("select max(a) from t where id = 1 order by 1 limit 1")).hasSize(1);
  }

  @Test
  void anOrOrAnInequalityAsksAllShards() {
    assertThat(to("select * from t where id = 1 or id = 2")).isEqualTo(SHARDS);
    assertThat(to("select * from t where id > 1")).isEqualTo(SHARDS);
    assertThat(to("select * from t where not id = 1")).isEqualTo(SHARDS);
    assertThat(to("select * from t where id = a + 1")).isEqualTo(SHARDS);
    assertThat(to("select * from t")).isEqualTo(SHARDS);
  }

  @Test
  void aStatementWithoutATableGoesToOneShardOfTheKeyspaceThatIsNamed() {
    assertThat(to("select 1")).containsExactly("-40");
    refused("", "select 1", "name a keyspace for a statement without a table");
  }

  @Test
  void tablesAreNamedWithoutAKeyspaceAndLieInOne() {
    refused(
        "plain",
        "select * from sharded.t",
        "name the table without a keyspace in front: sharded.t");
    rule("plain.t", "sharded.t");
    refused(
        "plain",
        "select * from t join other on t.a = other.a",
        "the tables of one statement lie in several keyspaces: [plain, sharded]");
    refused("", "select * from t", "no keyspace and no routing rule for table t");
  }

  @Test
  void aRuleThatLeadsToAnotherNameOrToNoKeyspaceIsRefused() {
    rule("plain.a", "sharded.b");
    rule("plain.c", "c");
    rule("d", ".d");
    refused("plain", "select * from a", "table a is routed to another name, b");
    refused(
        "plain",
        "select * from c",
        "the routing rule of plain.c leads to 'c', which names no keyspace");
    refused("", "select * from d", "the routing rule of d leads to '.d', which names no keyspace");
  }

  @Test
  void aRuleWithoutATargetIsNone() {
    rule("plain.a");
    assertThat(route("plain", "select * from a", Map.of()))
        .isEqualTo(new Route.To("plain", List.of(tablet("plain", "0"))));
  }

  @ParameterizedTest
  @CsvSource({
    "REPLICA, b",
    "RDONLY, c",
    "PRIMARY, a",
    "BACKUP, a",
  })
  void readsOfATypeHaveRulesOfTheirOwn(Topodata.TabletType type, String keyspace) {
    rule("plain.t", "a.t");
    rule("plain.t@replica", "b.t");
    rule("plain.t@rdonly", "c.t");

    assertThat(topology().route("plain", "t", type))
        .contains(new RoutingSnapshot.Destination(keyspace, "t"));
  }

  @Test
  void aTypeWithoutARuleOfItsOwnFollowsTheOneOfTheTable() {
    rule("t", "a.t");
    assertThat(topology().route("", "t", Topodata.TabletType.REPLICA))
        .contains(new RoutingSnapshot.Destination("a", "t"));
    assertThat(topology().route("plain", "t", Topodata.TabletType.REPLICA))
        .contains(new RoutingSnapshot.Destination("plain", "t"));
  }

  @Test
  void waitsForAPrimaryOrAShardThatServes() {
    tablets.remove("tablets/zone1-0000000200/Tablet");
    assertThat(route("sharded", "select * from t", Map.of()))
        .isEqualTo(new Route.Held("shard sharded/40-80 has no primary"));
    assertThat(topology().knows("sharded")).isFalse();
    shards.put("plain/0", shards.get("plain/0").toBuilder().setIsPrimaryServing(false).build());
    assertThat(route("plain", "select * from t", Map.of()))
        .isEqualTo(new Route.Held("keyspace plain has no serving shard"));
    assertThat(topology().knows("plain")).isFalse();
    shards.put("plain/0", Topodata.Shard.newBuilder().setIsPrimaryServing(true).build());
    assertThat(route("plain", "select * from t", Map.of()))
        .isEqualTo(new Route.Held("shard plain/0 has no primary"));
  }

  @Test
  void aRowOfAShardThatIsNotKnownWaitsForIt() {
    String id = "1";
    shards.remove("sharded/" + shardOf("t", id));

    assertThat(route("sharded", "select * from t where id = " + id, Map.of()))
        .isEqualTo(new Route.Held("no shard of keyspace sharded is known to serve a row of it"));
  }

  /** Else it would be taken for a statement on all rows, and done on some of them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "select * from t",
        "select count(*) from t",
        "select * from t limit 1",
        "update t set a = 1",
        "delete from t",
        "select * from kinds where a = 1 for update"
      })
  void whatConcernsAllShardsWaitsUntilAllAreKnown(String sql) {
    for (List<String> known :
        List.of(
            List.of("-40"),
            List.of("c0-"),
            List.of("-40", "40-80", "c0-"),
            List.of("-40", "40-80", "80-c0"),
            List.of("40-80", "80-c0", "c0-"))) {
      shards.keySet().removeIf(name -> name.startsWith("sharded/"));
      known.forEach(shard -> add("sharded", shard));

      assertThat(route("sharded", sql, Map.of())).as("of %s", known).isInstanceOf(Route.Held.class);
      assertThat(topology().knows("sharded")).isFalse();
    }
  }

  /** Shards and tablets may be known before it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "insert into t (id) values (7)",
        "update t set a = 1 where id = 7",
        "select * from t where id = 7",
        "select 1"
      })
  void nothingGoesAnywhereWhileTheVSchemaIsNotKnown(String sql) {
    for (Vschema.SrvVSchema known :
        List.of(
            Vschema.SrvVSchema.getDefaultInstance(),
            Vschema.SrvVSchema.newBuilder()
                .putKeyspaces("plain", Vschema.Keyspace.getDefaultInstance())
                .build())) {
      RoutingSnapshot topology = new RoutingSnapshot(1, known, shards, tablets);
      if (known.getKeyspacesCount() == 0 || !sql.equals("select 1")) {
        assertThat(
                StatementRouter.route(
                    topology, "sharded", Topodata.TabletType.PRIMARY, PARSER.parse(sql), Map.of()))
            .isInstanceOf(Route.Held.class);
      }
      assertThat(topology.knows("sharded")).isFalse();
    }
  }

  @Test
  void anUnshardedKeyspaceWithSeveralServingShardsWaits() {
    add("plain", "-80");

    assertThat(route("plain", "insert into t (id) values (7)", Map.of()))
        .isEqualTo(
            new Route.Held("keyspace plain is not sharded and has the serving shards [-80, 0]"));
  }

  @Test
  void allSpellingsOfANumberLeadToTheSameShard() {
    for (String number : List.of("7", "007", "7.0", "7e0", "0.7e1")) {
      assertThat(to("select * from t where id = " + number)).containsExactly(shardOf("t", "7"));
    }
    for (Object number : List.of(7, 7L, 7.0, new BigDecimal("7.00"))) {
      assertThat(to("select * from t where id = :v", Map.of("v", number)))
          .containsExactly(shardOf("t", "7"));
    }
    for (String endless : List.of("1e100000000", "1e-100000000", "7".repeat(1000), "7.5")) {
      refused(
          "sharded",
          "select * from t where id = " + endless,
          endless + " is no whole number and can't place a row");
    }
    refused(
        "sharded",
        "select * from t where id = :v",
        Map.of("v", new BigDecimal("7.5")),
        "7.5 is no whole number and can't place a row");
  }

  /** In a column of texts MySQL keeps a fraction as it is spelled, in one of whole numbers not. */
  @Test
  void whereAVindexGoesByTextAFractionPlacesNoRow() {
    for (Object number : List.of("7", "007")) {
      assertThat(to("select * from named where name = " + number))
          .containsExactly(shardOf("named", "7"));
    }
    for (String number : List.of("7.0", "7e0", "1e100000000")) {
      refused(
          "sharded",
          "insert into named (name) values (" + number + ")",
          number + SPELLED_AS_FRACTION);
    }
    refused(
        "sharded",
        "select * from named where name = :v",
        Map.of("v", new BigDecimal("7.00")),
        "7.00" + SPELLED_AS_FRACTION);
  }

  @Test
  void onlyDenialsOfThePrimaryHoldStatements() {
    Topodata.Shard.Builder shard = shards.get("plain/0").toBuilder();
    shard.addTabletControls(
        Topodata.Shard.TabletControl.newBuilder()
            .setTabletType(Topodata.TabletType.REPLICA)
            .addDeniedTables("t"));
    shards.put("plain/0", shard.build());
    assertThat(route("plain", "select * from t", Map.of())).isInstanceOf(Route.To.class);
    shard.addTabletControls(
        Topodata.Shard.TabletControl.newBuilder()
            .setTabletType(Topodata.TabletType.PRIMARY)
            .addDeniedTables("tt"));
    shards.put("plain/0", shard.build());
    assertThat(route("plain", "select * from t", Map.of())).isInstanceOf(Route.To.class);
    assertThat(route("plain", "select * from t join tt on t.a = tt.a", Map.of()))
        .isEqualTo(new Route.Held("table tt is denied on plain/0"));
  }

  @Test
  void keyspacesAreToldApartByTheirWholeName() {
    shards.put("plain2/0", shard("plain", "0"));
    assertThat(topology().shardNames("plain")).containsExactly("0");
    assertThat(topology().shardNames("plai")).isEmpty();
    assertThat(topology().knows("plain2")).isFalse(); // no VSchema of it
  }

  @Test
  void valuesOfJavaHaveTheTypesOfMysql() {
    Map<String, @Nullable Object> values = new HashMap<>();
    values.put("null", null);
    values.put("text", "ä");
    values.put("bytes", new byte[] {0, -1});
    values.put("yes", true);
    values.put("int", Integer.MIN_VALUE);
    values.put("long", Long.MIN_VALUE);
    values.put("decimal", new BigDecimal("1E+3"));
    values.put("double", 1e-7);

    Map<String, Query.BindVariable> binds = Binds.of(values);

    assertThat(binds.get("null").getType()).isEqualTo(Query.Type.NULL_TYPE);
    assertThat(binds.get("null").getValue().isEmpty()).isTrue();
    bound(binds, "text", Query.Type.VARCHAR, "ä");
    assertThat(binds.get("bytes").getType()).isEqualTo(Query.Type.VARBINARY);
    assertThat(binds.get("bytes").getValue().toByteArray()).containsExactly(0, -1);
    bound(binds, "yes", Query.Type.INT64, "1");
    bound(binds, "int", Query.Type.INT64, "-2147483648");
    bound(binds, "long", Query.Type.INT64, "-9223372036854775808");
    bound(binds, "decimal", Query.Type.DECIMAL, "1000");
    bound(binds, "double", Query.Type.FLOAT64, "1.0E-7");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Binds.of(Map.of("when", Duration.ZERO)))
        .withMessage("bind variable :when has the unknown type java.time.Duration");
  }

  private static void bound(
      Map<String, Query.BindVariable> binds, String name, Query.Type type, String value) {
    assertThat(binds.get(name))
        .isEqualTo(
            Query.BindVariable.newBuilder()
                .setType(type)
                .setValue(com.google.protobuf.ByteString.copyFromUtf8(value))
                .build());
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void aNumberThatMysqlDoesNotHaveIsRefused(double number) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Binds.of(Map.of("n", number)))
        .withMessage("bind variable :n is " + number + ", which is no number of MySQL");
  }

  @Test
  void settingsAreBounded() {
    Duration ok = Duration.ofMillis(1);
    assertThat(new RouterConfig("zone1", ok, ok).holdTimeout()).isEqualTo(ok);
    assertThat(RouterConfig.of("zone1"))
        .isEqualTo(new RouterConfig("zone1", Duration.ofMinutes(1), Duration.ofMillis(5)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RouterConfig("", ok, ok))
        .withMessage("cell is empty");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RouterConfig("zone1", Duration.ofNanos(999_999), ok))
        .withMessage("holdTimeout must be at least 1ms, not 999999 ns");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RouterConfig("zone1", ok, Duration.ofMillis(-1)))
        .withMessage("retryDelay must be at least 1ms, not -1000000 ns");
  }
}
