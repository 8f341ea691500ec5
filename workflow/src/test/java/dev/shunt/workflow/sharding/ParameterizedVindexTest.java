package dev.shunt.workflow.sharding;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.workflow.RefusedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Vindexes with parameters or several columns, and the collation keys of loose texts. */
class ParameterizedVindexTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final String HASH_OF_1 = "166b40b44aba4bd6";

  private static String map(Vindex vindex, @Nullable String... values) {
    List<byte @Nullable []> cells = new ArrayList<>();
    for (String value : values) {
      cells.add(value == null ? null : value.getBytes(UTF_8));
    }
    return HEX.formatHex(vindex.map(cells));
  }

  @Test
  void mapsNumbersByAMap() {
    Vindex vindex =
        VindexFactory.create(
            "numeric_static_map", Map.of("json", "{\"1\": 2, \"3\": 18446744073709551615}"));

    assertThat(map(vindex, "1")).isEqualTo("0000000000000002");
    assertThat(map(vindex, "3")).isEqualTo("ffffffffffffffff");
    assertThat(map(vindex, "5")).isEqualTo("0000000000000005");
    Vindex falling =
        VindexFactory.create(
            "numeric_static_map", Map.of("json", "{\"7\": 2}", "fallback_type", "hash"));
    assertThat(map(falling, "7")).isEqualTo("0000000000000002");
    assertThat(map(falling, "1")).isEqualTo(HASH_OF_1);
  }

  @Test
  void putsARegionBeforeTheHashOfAnId() {
    assertThat(
            map(
                VindexFactory.create("region_experimental", Map.of("region_bytes", "1")),
                "257",
                "1"))
        .isEqualTo("01" + HASH_OF_1);
    assertThat(
            map(
                VindexFactory.create("region_experimental", Map.of("region_bytes", "2")),
                "257",
                "1"))
        .isEqualTo("0101" + HASH_OF_1);
    Vindex named =
        VindexFactory.create(
            "region_json", Map.of("region_bytes", "1", "region_map", "{\"eu\": 5}"));
    assertThat(map(named, "1", "eu")).isEqualTo("05" + HASH_OF_1);
    assertThatThrownBy(() -> map(named, "1", "mars")).isInstanceOf(UnmappableValueException.class);
    assertThatThrownBy(() -> map(named, null, "eu")).isInstanceOf(UnmappableValueException.class);
    assertThatThrownBy(() -> map(named, "1")).isInstanceOf(UnmappableValueException.class);
  }

  @Test
  void joinsTheFirstBytesOfEachColumn() {
    assertThat(map(VindexFactory.create("multicol", Map.of("column_count", "2")), "1", "2"))
        .isEqualTo("166b40b4" + "06e7ea22");
    assertThat(map(VindexFactory.create("multicol", Map.of("column_count", "3")), "1", "2", "3"))
        .isEqualTo("166b40" + "06e7ea" + "4eb1");
    assertThat(
            map(
                VindexFactory.create(
                    "multicol",
                    Map.of(
                        "column_count",
                        "3",
                        "column_bytes",
                        "1,,2",
                        "column_vindex",
                        "binary,,xxhash")),
                "a",
                "1",
                "1"))
        .isEqualTo("61" + "166b40b44a" + "d464");
    assertThat(
            map(
                VindexFactory.create(
                    "multicol",
                    Map.of("column_count", "2", "column_bytes", "4,4", "column_vindex", "binary")),
                "a",
                "1"))
        .isEqualTo("61000000" + "166b40b4");
  }

  @Test
  void hashesTheComponentsOfAKey() {
    assertThat(map(VindexFactory.create("cfc"), "abc")).isEqualTo("616263");
    Vindex md5 = VindexFactory.create("cfc", Map.of("hash", "md5", "offsets", "[2,4]"));
    // md5: ab 187ef4…, cd 6865ae…, e e1671797…
    assertThat(map(md5, "abcde")).isEqualTo("187e" + "6865" + "e1");
    assertThatThrownBy(() -> map(md5, "abc")).isInstanceOf(UnmappableValueException.class);
  }

  @Test
  void refusesParametersThatAreMissingOrWrong() {
    for (Map.Entry<String, Map<String, String>> bad :
        List.of(
            Map.entry("numeric_static_map", Map.<String, String>of()),
            Map.entry("numeric_static_map", Map.of("json", "[1]")),
            Map.entry("numeric_static_map", Map.of("json", "{\"x\":1}")),
            Map.entry("numeric_static_map", Map.of("json_path", "/nowhere/at/all.json")),
            Map.entry("region_experimental", Map.<String, String>of()),
            Map.entry("region_experimental", Map.of("region_bytes", "3")),
            Map.entry("multicol", Map.<String, String>of()),
            Map.entry("multicol", Map.of("column_count", "9")),
            Map.entry("multicol", Map.of("column_count", "1", "column_bytes", "1,2")),
            Map.entry("multicol", Map.of("column_count", "2", "column_bytes", "8")),
            Map.entry("multicol", Map.of("column_count", "2", "column_vindex", "cfc")),
            Map.entry("cfc", Map.of("hash", "sha", "offsets", "[1]")),
            Map.entry("cfc", Map.of("hash", "md5")),
            Map.entry("cfc", Map.of("hash", "md5", "offsets", "[2,1]")))) {
      assertThatThrownBy(() -> VindexFactory.create(bad.getKey(), bad.getValue()))
          .as("%s", bad)
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("vindex type " + bad.getKey());
    }
  }

  /** The file holds texts and the keys that golang.org/x/text/collate makes of them. */
  @Test
  void makesTheKeysOfLooseTextsThatGoMakes() throws IOException {
    int equal = 0;
    int refused = 0;
    try (InputStream file =
            Objects.requireNonNull(getClass().getResourceAsStream("loose-keys.txt.gz"));
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(new GZIPInputStream(file), UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] parts = line.split(" ", -1);
        byte[] text = HEX.parseHex(parts[0]);
        if (text[text.length - 1] == ' ') {
          continue;
        }
        byte[] key;
        try {
          key = LooseCollation.key("unicode_loose_md5", text);
        } catch (UnmappableValueException _) {
          refused++;
          continue;
        }
        assertThat(HEX.formatHex(key)).as(new String(text, UTF_8)).isEqualTo(parts[1]);
        equal++;
      }
    }
    assertThat(equal).isGreaterThan(3000);
    assertThat(refused).isLessThan(equal / 5);
  }

  /** The first lines are words that people write, the others marks in a row in many scripts. */
  @Test
  void makesTheKeysOfTextsWithSeveralMarksThatGoMakes() throws IOException {
    int words = 49;
    int read = 0;
    int refused = 0;
    try (InputStream file =
            Objects.requireNonNull(getClass().getResourceAsStream("loose-marks.txt"));
        BufferedReader lines = new BufferedReader(new InputStreamReader(file, UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] parts = line.split(" ", -1);
        byte[] text = HEX.parseHex(parts[0]);
        read++;
        try {
          byte[] key = LooseCollation.key("unicode_loose_md5", text);
          assertThat(HEX.formatHex(key)).as(new String(text, UTF_8)).isEqualTo(parts[1]);
        } catch (UnmappableValueException e) {
          assertThat(read).as(new String(text, UTF_8)).isGreaterThan(words);
          refused++;
        }
      }
    }
    assertThat(read).isEqualTo(449);
    assertThat(refused).isBetween(1, 40);
  }

  @Test
  void refusesTextsThatAreNoUtf8() {
    assertThatThrownBy(
            () -> VindexFactory.create("unicode_loose_md5").map(Arrays.copyOf(new byte[] {-1}, 1)))
        .isInstanceOf(UnmappableValueException.class)
        .hasMessageContaining("UTF-8");
  }
}
