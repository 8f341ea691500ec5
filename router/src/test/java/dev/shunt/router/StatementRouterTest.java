package dev.shunt.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.workflow.sql.SqlParser;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import vschema.Vschema;

class StatementRouterTest {
  private static final SqlParser PARSER = SqlParser.create();

  private static final Topodata.Tablet SOURCE = tablet(100, "commerce", "0");
  private static final Topodata.Tablet LOW = tablet(200, "customer", "-80");
  private static final Topodata.Tablet HIGH = tablet(300, "customer", "80-");

  private static Topodata.Tablet tablet(int uid, String keyspace, String shard) {
    return Topodata.Tablet.newBuilder()
        .setAlias(Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(uid))
        .setKeyspace(keyspace)
        .setShard(shard)
        .setType(Topodata.TabletType.PRIMARY)
        .build();
  }

  private static Topodata.Shard shard(Topodata.Tablet primary, String... denied) {
    Topodata.Shard.Builder shard =
        Topodata.Shard.newBuilder().setPrimaryAlias(primary.getAlias()).setIsPrimaryServing(true);
    if (denied.length > 0) {
      shard.addTabletControls(
          Topodata.Shard.TabletControl.newBuilder()
              .setTabletType(Topodata.TabletType.PRIMARY)
              .addAllDeniedTables(Arrays.asList(denied)));
    }
    return shard.build();
  }

  private static Vschema.Table by(String column) {
    return Vschema.Table.newBuilder()
        .addColumnVindexes(Vschema.ColumnVindex.newBuilder().setName("hash").addColumns(column))
        .build();
  }

  private static RoutingSnapshot topology(
      Map<String, String> rules, Topodata.Shard source, Topodata.Shard low, Topodata.Shard high) {
    Vschema.RoutingRules.Builder routing = Vschema.RoutingRules.newBuilder();
    rules.forEach((from, to) ->
        routing.addRules(Vschema.RoutingRule.newBuilder().setFromTable(from).addToTables(to)));
    return new RoutingSnapshot(
        1,
        Vschema.SrvVSchema.newBuilder()
            .putKeyspaces("commerce", Vschema.Keyspace.getDefaultInstance())
            .putKeyspaces(
                "customer",
                Vschema.Keyspace.newBuilder()
                    .setSharded(true)
                    .putVindexes("hash", Vschema.Vindex.newBuilder().setType("hash").build())
                    .putTables("customer", by("customer_id"))
                    .putTables("corder", by("customer_id"))
                    .build())
            .setRoutingRules(routing)
            .build(),
        Map.of("commerce/0", source, "customer/-80", low, "customer/80-", high),
        Map.of(
            "tablets/zone1-0000000100/Tablet", SOURCE,
            "tablets/zone1-0000000200/Tablet", LOW,
            "tablets/zone1-0000000300/Tablet", HIGH));
  }

  private static final RoutingSnapshot BEFORE =
      topology(Map.of(), shard(SOURCE), shard(LOW, "customer"), shard(HIGH, "customer"));
  private static final RoutingSnapshot AFTER =
      topology(
          Map.of(
              "customer", "customer.customer",
              "commerce.customer", "customer.customer",
              "commerce.corder", "customer.corder"),
          shard(SOURCE, "corder", "customer"),
          shard(LOW),
          shard(HIGH));

  private static Route route(RoutingSnapshot topology, String keyspace, String sql) {
    return route(topology, keyspace, sql, Map.of());
  }

  private static Route route(
      RoutingSnapshot topology, String keyspace, String sql, Map<String, Object> binds) {
    Map<String, Query.BindVariable> variables = Binds.of(binds);
    return StatementRouter.route(
        topology, keyspace, Topodata.TabletType.PRIMARY, PARSER.parse(sql), variables);
  }

  @Test
  void staysInTheKeyspaceWhileNoRuleSaysOtherwise() {
    assertThat(route(BEFORE, "commerce", "select * from customer"))
        .isEqualTo(new Route.To("commerce", List.of(SOURCE)));
  }

  @Test
  void followsTheRulesAndTheVindex() {
    // hash(1) is 166b…, hash(4) is d2fd…
    assertThat(route(AFTER, "commerce", "update customer set name = 'x' where customer_id = 1"))
        .isEqualTo(new Route.To("customer", List.of(LOW)));
    assertThat(
            route(
                AFTER,
                "commerce",
                "insert into corder (order_id, customer_id) values (:o, :c)",
                Map.of("o", 9L, "c", 4L)))
        .isEqualTo(new Route.To("customer", List.of(HIGH)));
  }

  @Test
  void goesByTheRulesAloneWhenNoKeyspaceIsNamed() {
    assertThat(route(AFTER, "", "select name from customer where customer_id in (1, 4)"))
        .isEqualTo(new Route.To("customer", List.of(LOW, HIGH)));
  }

  @Test
  void holdsStatementsOnDeniedTables() {
    RoutingSnapshot pausing =
        topology(Map.of(), shard(SOURCE, "customer"), shard(LOW, "customer"), shard(HIGH));

    assertThat(route(pausing, "commerce", "delete from customer where customer_id = 1"))
        .isEqualTo(new Route.Held("table customer is denied on commerce/0"));
    assertThat(route(pausing, "commerce", "delete from corder where order_id = 1"))
        .isEqualTo(new Route.To("commerce", List.of(SOURCE)));
  }

  @Test
  void refusesWritesThatSeveralShardsWouldHaveToTake() {
    assertThatThrownBy(() -> route(AFTER, "commerce", "update customer set name = 'x'"))
        .isInstanceOf(RoutingException.class)
        .hasMessageContaining("must go to one shard of the keyspace customer");
    assertThatThrownBy(() ->
            route(
                AFTER,
                "commerce",
                "insert into customer (customer_id, name) values (1, 'a'), (4, 'b')"))
        .isInstanceOf(RoutingException.class)
        .hasMessageContaining("must go to one shard");
  }

  @Test
  void refusesInsertsWithoutTheShardingColumn() {
    assertThatThrownBy(() -> route(AFTER, "commerce", "insert into customer (name) values ('a')"))
        .isInstanceOf(RoutingException.class)
        .hasMessageContaining("must name column customer_id");
  }

  @Test
  void refusesToMoveARowToAnotherShard() {
    assertThatThrownBy(() ->
            route(AFTER, "commerce", "update customer set customer_id = 5 where customer_id = 1"))
        .isInstanceOf(RoutingException.class)
        .hasMessageContaining("can't be updated");
  }

  @Test
  void refusesToMergeWhatItCannotMerge() {
    assertThatThrownBy(() -> route(AFTER, "commerce", "select count(*) from customer"))
        .isInstanceOf(RoutingException.class)
        .hasMessageContaining("sorts, limits or aggregates");
  }

  @Test
  void refusesBindVariablesWithoutAValue() {
    assertThatThrownBy(
            () -> route(AFTER, "commerce", "delete from customer where customer_id = :id"))
        .isInstanceOf(RoutingException.class)
        .hasMessageContaining(":id");
  }
}
