package dev.shunt.workflow.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.shunt.workflow.RefusedException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import vschema.Vschema;

/** A VSchema that a vtgate can't use is refused with what is wrong in it. */
class VSchemaCheckTest {
  private static final Map<String, Vschema.Keyspace> OTHERS =
      Map.of(
          "plain",
          Vschema.Keyspace.newBuilder()
              .putTables("seq", Vschema.Table.newBuilder().setType("sequence").build())
              .putTables("table", Vschema.Table.getDefaultInstance())
              .build(),
          "spread",
          Vschema.Keyspace.newBuilder().setSharded(true).build());

  private static void check(Vschema.Keyspace vschema) {
    VSchemaCheck.check("k", vschema, OTHERS, List.of("routed"));
  }

  private static void refused(Vschema.Keyspace vschema, String message) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> check(vschema))
        .withMessageContaining(message);
  }

  private static Vschema.Keyspace.Builder sharded() {
    return Vschema.Keyspace.newBuilder()
        .setSharded(true)
        .putVindexes("hash", vindex("hash"))
        .putTables("t", table("hash", "id").build());
  }

  private static Vschema.Vindex vindex(String type, String... parameters) {
    Vschema.Vindex.Builder vindex = Vschema.Vindex.newBuilder().setType(type);
    for (int i = 0; i < parameters.length; i += 2) {
      vindex.putParams(parameters[i], parameters[i + 1]);
    }
    return vindex.build();
  }

  private static Vschema.Table.Builder table(String vindex, String column) {
    return Vschema.Table.newBuilder()
        .addColumnVindexes(Vschema.ColumnVindex.newBuilder().setName(vindex).setColumn(column));
  }

  private static Vschema.Keyspace withSequence(String sequence) {
    return sharded()
        .putTables(
            "t",
            table("hash", "id")
                .setAutoIncrement(
                    Vschema.AutoIncrement.newBuilder().setColumn("id").setSequence(sequence))
                .build())
        .build();
  }

  @Test
  void takesWhatVitessTakes() {
    check(Vschema.Keyspace.getDefaultInstance());
    check(
        sharded()
            .putVindexes("map", vindex("numeric_static_map", "json_path", "/not/here.json"))
            .putVindexes(
                "region", vindex("region_json", "region_bytes", "1", "region_map", "/not/here"))
            .putVindexes("look", vindex("consistent_lookup", "table", "l", "from", "a", "to", "b"))
            .putTables("ref", Vschema.Table.newBuilder().setType("reference").build())
            .putTables("pinned", Vschema.Table.newBuilder().setPinned("00").build())
            .putTables(
                "two",
                table("hash", "id")
                    .addColumnVindexes(
                        Vschema.ColumnVindex.newBuilder().setName("look").addColumns("a"))
                    .build())
            .build());
  }

  @ParameterizedTest
  @ValueSource(strings = {"nosuchtype", "", "HASH", "lookup_nosuch"})
  void refusesUnknownTypesWithTheKnownOnes(String type) {
    refused(
        sharded().putVindexes("x", vindex(type)).build(),
        "vindex x of keyspace k has the unknown type '"
            + type
            + "': known are binary, binary_md5, cfc, consistent_lookup, ");
  }

  @Test
  void knowsEveryTypeThatCanPlaceARow() {
    for (String type :
        List.of(
            "hash",
            "xxhash",
            "numeric",
            "binary",
            "binary_md5",
            "reverse_bits",
            "null",
            "unicode_loose_md5",
            "unicode_loose_xxhash")) {
      assertThat(VindexFactory.create(type).type()).isEqualTo(type);
      check(sharded().putVindexes("x", vindex(type)).build());
    }
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> VindexFactory.create("nosuchtype"))
        .withMessageContaining("unknown vindex type nosuchtype: known are binary, ");
  }

  @Test
  void refusesParametersThatAreMissingOrWrong() {
    refused(
        sharded().putVindexes("x", vindex("multicol")).build(),
        "vindex x of keyspace k: vindex type multicol needs parameter column_count");
    refused(
        sharded().putVindexes("x", vindex("region_experimental", "region_bytes", "3")).build(),
        "region_bytes must be 1 or 2");
  }

  @Test
  void namesParametersThatATypeDoesNotHave() {
    assertThat(
            VSchemaCheck.unknownParameters(
                sharded()
                    .putVindexes("a", vindex("xxhash", "z", "", "b", ""))
                    .putVindexes(
                        "m",
                        vindex(
                            "multicol",
                            "column_count",
                            "2",
                            "column_vindex",
                            "hash,cfc",
                            "offsets",
                            "[1]"))
                    .putVindexes("l", vindex("lookup", "table", "t", "no_verify", "true"))
                    .putVindexes("c", vindex("consistent_lookup", "autocommit", "true"))
                    .build()))
        .isEqualTo(Map.of("a", List.of("b", "z"), "c", List.of("autocommit")));
  }

  @Test
  void refusesTablesThatCantBePlaced() {
    refused(
        sharded().putTables("u", table("nope", "id").build()).build(),
        "vindex nope not found for table k.u");
    refused(
        sharded().putTables("u", Vschema.Table.getDefaultInstance()).build(),
        "missing primary col vindex for table: k.u");
    refused(
        sharded()
            .putTables(
                "u",
                Vschema.Table.newBuilder()
                    .addColumnVindexes(Vschema.ColumnVindex.newBuilder().setName("hash"))
                    .build())
            .build(),
        "vindex hash of table k.u needs either column or columns");
    refused(
        sharded()
            .putVindexes("look", vindex("lookup"))
            .putTables("u", table("look", "id").build())
            .build(),
        "primary vindex look is not unique for table k.u");
    refused(
        sharded()
            .putVindexes("look", vindex("lookup_unique").toBuilder().setOwner("u").build())
            .putTables("u", table("look", "id").build())
            .build(),
        "primary vindex look cannot be owned for table k.u");
    refused(
        sharded().putTables("u", Vschema.Table.newBuilder().setType("sequence").build()).build(),
        "sequence k.u has to be in a keyspace that is not sharded");
    refused(
        sharded().putTables("u", Vschema.Table.newBuilder().setType("view").build()).build(),
        "table k.u has the unknown type 'view'");
    refused(
        sharded().putTables("u", Vschema.Table.newBuilder().setPinned("0x").build()).build(),
        "pinned to '0x'");
  }

  @Test
  void findsTheSequencesOfOtherKeyspaces() {
    check(withSequence("seq"));
    check(withSequence("plain.seq"));
    check(withSequence("`plain`.`seq`"));
    check(withSequence("plain.not_listed"));
    check(withSequence("routed"));
    refused(withSequence("sqe"), "auto_increment of table k.t names the sequence sqe: no VSchema");
    refused(withSequence("plain.table"), "names the sequence plain.table: no VSchema");
    refused(withSequence("table"), "names the sequence table: no VSchema");
    refused(withSequence("spread.seq"), "names the sequence spread.seq: no VSchema");
    refused(withSequence("nope.seq"), "there is no keyspace nope");
    refused(withSequence("a.b.c"), "write the sequence as table or keyspace.table");
    refused(withSequence(""), "needs column and sequence");
  }
}
