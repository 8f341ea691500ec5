package dev.shunt.bench.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DataSetTest {
  @TempDir Path folder;

  @Test
  void isTheSameBytesEachTime() throws IOException {
    LoadFiles one = LoadFiles.write(DataSet.ofRows(800), folder.resolve("one"));
    LoadFiles other = LoadFiles.write(DataSet.ofRows(800), folder.resolve("other"));

    assertThat(one.bytes()).isEqualTo(other.bytes());
    for (int i = 0; i < one.parts().size(); i++) {
      assertThat(one.parts().get(i).file()).hasSameBinaryContentAs(other.parts().get(i).file());
    }
  }

  @Test
  void hasTheSizeThatTheTrialsHad() throws IOException {
    LoadFiles files = LoadFiles.write(DataSet.ofRows(20_000), folder);

    double megabytesOfTwoMillion = files.bytes() * 100 / 1e6;
    assertThat(megabytesOfTwoMillion).isBetween(480.0, 540.0);
  }

  @Test
  void splitsATableIntoFilesOfWholeRows() throws IOException {
    LoadFiles files =
        LoadFiles.write(new DataSet(List.of(DataSet.sysbench("sbtest1", 120_001))), folder);

    assertThat(files.parts())
        .extracting(LoadFiles.Part::rows)
        .containsExactly(50_000L, 50_000L, 20_001L);
    long bytes = 0;
    for (LoadFiles.Part part : files.parts()) {
      assertThat(Files.readAllLines(part.file())).hasSize((int) part.rows());
      bytes += Files.size(part.file());
    }
    assertThat(bytes).isEqualTo(files.bytes());
  }

  @Test
  void escapesWhatLoadDataWouldTakeForSomethingElse() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    LineWriter writer = new LineWriter(out);
    writer.number(1).text("a\tb\nc\\d\0e").nothing().plain("x").endRow();

    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("1\ta\\tb\\nc\\\\d\\0e\t\\N\tx\n");
    assertThat(writer.bytes()).isEqualTo(out.size());
  }

  @Test
  void addsDeferredKeysInOneStatement() {
    Table table = DataSet.sysbench("sbtest1", 8);

    assertThat(table.createWithoutSecondaryKeys()).doesNotContain("k_1");
    assertThat(table.create()).contains("KEY k_1 (k)");
    assertThat(table.addSecondaryKeys()).containsExactly("ALTER TABLE sbtest1 ADD KEY k_1 (k)");
  }

  @ParameterizedTest
  @EnumSource(KeyKind.class)
  void writesRowsOfAnyKeyInTheOrderOfTheKey(KeyKind kind) throws IOException {
    LoadFiles files = LoadFiles.write(DataSet.ofKey(kind, 2000), folder);

    Path file = files.parts().getFirst().file();
    // Bytes of a key may be what ends a line for others than LOAD DATA.
    List<String> lines = List.of(Files.readString(file, StandardCharsets.ISO_8859_1).split("\n"));
    assertThat(files.bytes()).isEqualTo(Files.size(file));
    assertThat(lines).hasSize(2000).doesNotHaveDuplicates();
    if (kind == KeyKind.UUID || kind == KeyKind.TEXT) {
      assertThat(lines).isSorted();
      assertThat(lines.getLast().charAt(0)).isIn('f', 'c');
    }
  }

  @Test
  void refusesTooFewRows() {
    assertThatThrownBy(() -> DataSet.ofRows(7)).hasMessageContaining("at least 8");
  }
}
