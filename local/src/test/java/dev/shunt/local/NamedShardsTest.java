package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.shunt.mysql.MysqlEndpoint;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Shards that a person names make whole keyspaces, or are refused with the one that is wrong. */
class NamedShardsTest {
  private static final Path UNUSED = Path.of("unused");

  private static List<String> named(String... names) {
    return Layout.named(List.of(names)).places().stream()
        .map(place -> place.uid() + " " + place.name())
        .toList();
  }

  @Test
  void takesKeyspacesOfAnyName() {
    assertThat(named("old/0", "new-shop/80-", "new-shop/-80", "single/-"))
        .containsExactly("100 new-shop/-80", "200 new-shop/80-", "300 old/0", "400 single/-");
    assertThat(named("a/-2A", "a/2a-C0", "a/c000-"))
        .as("bounds are bytes in hex, trailing zeros mean nothing")
        .containsExactly("100 a/-2a", "200 a/2a-c0", "300 a/c000-");
  }

  /** Where two overlap the first one serves, and the other one is for a Reshard. */
  @Test
  void takesShardsToMoveTo() {
    assertThat(named("a/0", "a/80-", "a/-80")).containsExactly("100 a/0", "200 a/-80", "300 a/80-");
    assertThat(named("a/80-", "a/-80", "a/0", "a/40-c0"))
        .containsExactly("100 a/-80", "200 a/80-", "300 a/0", "400 a/40-c0");
    assertThat(Layout.named(List.of("a/0", "a/-80", "a/80-")).isSharded("a")).isFalse();
    assertThat(Layout.named(List.of("a/-80", "a/80-", "a/0")).isSharded("a")).isTrue();
  }

  @Test
  void knowsWhichKeyspacesAreSharded() {
    Layout layout = Layout.named(List.of("old/0", "new/-80", "new/80-", "single/-"));

    assertThat(layout.isSharded("new")).isTrue();
    assertThat(layout.isSharded("old")).isFalse();
    assertThat(layout.isSharded("single")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a/-80|keyspace a: no shard for keys from the end of -80: only -80 named",
        "a/80-|keyspace a: no shard for keys below 80-: only 80- named",
        "a/-40 a/80-|keyspace a: no shard for keys between -40 and 80-: only -40, 80- named",
        "a/-80 a/40-|keyspace a: no shard for keys from the end of -80: only -80 named, and 40-, which overlap them",
        "a/0 a/0|a/0: named twice",
        "a/0 a/-|a/-: the same keys as a/0, which is named too",
        "a/-80 a/-8000 a/80-|a/-8000: the same keys as a/-80, which is named too",
        "a/-8A a/-8a a/8a-|a/-8a: named twice",
      })
  void refusesKeyspacesThatAreNotWhole(String names, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Layout.named(Arrays.asList(names.split(" "))))
        .withMessage(message);
  }

  @ParameterizedTest
  @CsvSource({
    "a", "/0", "a/", "a.b/0", "a/x-", "a/8-", "a/80-40", "a/1", "a/b/c", "a b/0", "a@b/0"
  })
  void refusesMalformedNames(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Layout.named(List.of(name)))
        .withMessageStartingWith(name + ": ");
  }

  @Test
  void refusesOneDatabaseForTwoShards() {
    MysqlEndpoint database = JdbcUrl.parse("mysql://u:geheim@db:3306/shop");

    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            ClusterOptions.in(UNUSED)
                .withShards(
                    Map.of(
                        "a/0", database, "b/0", JdbcUrl.parse("jdbc:mysql://db/shop?user=other")),
                    List.of()))
        .withMessageContaining("have the same database, shop on db:3306");
  }

  @Test
  void leavesTheDemosLayoutWhereNothingIsNamed() {
    assertThat(ClusterOptions.in(UNUSED).layout()).isEqualTo(Layout.SHOP);
    assertThat(
            ClusterOptions.in(UNUSED)
                .withShards(Map.of("old/0", JdbcUrl.parse("mysql://u@db/shop")), List.of("new/0"))
                .layout()
                .keyspaces())
        .containsExactly("new", "old");
  }

  @Test
  void keepsTheNumbersThatTabletsHave() {
    Layout first = Layout.named(List.of("b/0", "c/0"));
    List<Topodata.Tablet> known =
        List.of(
            tablet("zone1", 100, "127.0.0.1", "b"),
            tablet("zone1", 200, "127.0.0.1", "c"),
            tablet("zone1", 300, "elsewhere", "a"),
            tablet("zone2", 400, "127.0.0.1", "d"));

    assertThat(Layout.named(List.of("a/0", "b/0", "c/0", "d/0")).numbered(known).places())
        .containsExactlyInAnyOrder(
            new Layout.Place(200 + 200, "a", "0"),
            new Layout.Place(100, "b", "0"),
            new Layout.Place(200, "c", "0"),
            new Layout.Place(500, "d", "0"));
    assertThat(first.numbered(List.of())).isEqualTo(first);
    assertThat(Layout.SHOP.numbered(List.of())).isEqualTo(Layout.SHOP);
  }

  private static Topodata.Tablet tablet(String cell, int uid, String host, String keyspace) {
    return Topodata.Tablet.newBuilder()
        .setAlias(Topodata.TabletAlias.newBuilder().setCell(cell).setUid(uid))
        .setHostname(host)
        .setKeyspace(keyspace)
        .setShard("0")
        .build();
  }
}
