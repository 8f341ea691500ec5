package dev.shunt.tablet.vreplication.writing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.tablet.RpcException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LoadTextTest {
  private final LoadText text = new LoadText(2 << 20);

  private void row(String... cells) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int[] all = new int[cells.length];
    int[] offsets = new int[cells.length];
    int[] lengths = new int[cells.length];
    for (int i = 0; i < cells.length; i++) {
      all[i] = i;
      offsets[i] = bytes.size();
      byte[] cell = cells[i].getBytes(ISO_8859_1);
      lengths[i] = cells[i].equals("null") ? -1 : cell.length;
      bytes.write(cell, 0, Math.max(lengths[i], 0));
    }
    text.row(bytes.toByteArray(), all, offsets, lengths);
  }

  private String written() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    text.writeTo(out);
    return out.toString(ISO_8859_1);
  }

  @Test
  void cellsAreApartByTabsAndRowsByLineFeeds() throws IOException {
    row("1", "a", "");
    row("2", "null", "b");
    assertThat(written()).isEqualTo("1\ta\t\n2\t\\N\tb\n");
    assertThat(text.rows()).isEqualTo(2);
  }

  @Test
  void onlyTheCellsThatAreAskedForAreWritten() throws IOException {
    byte[] values = {'a', 'b', 'c'};
    text.row(values, new int[] {2, 0}, new int[] {0, 1, 2}, new int[] {1, 1, 1});
    assertThat(written()).isEqualTo("c\ta\n");
  }

  @Test
  void aRowWithoutCellsIsAnEmptyLine() throws IOException {
    row();
    row();
    assertThat(written()).isEqualTo("\n\n");
  }

  @Test
  void onlyWhatWouldEndACellIsEscaped() throws IOException {
    row("tab\there", "line\nfeed", "back\\slash", "\\N", "nul\0 cr\r quote' \"\u00ff");
    assertThat(written())
        .isEqualTo("tab\\\there\tline\\\nfeed\tback\\\\slash\t\\\\N\tnul\0 cr\r quote' \"\u00ff\n");
  }

  @Test
  void everyByteIsEscapedWhereverItStands() throws IOException {
    Random random = new Random(11);
    for (int round = 0; round < 500; round++) {
      byte[] cell = new byte[random.nextInt(40)];
      for (int i = 0; i < cell.length; i++) {
        cell[i] =
            (byte)
                (random.nextInt(4) == 0 ? "\t\n\\".charAt(random.nextInt(3)) : random.nextInt(256));
      }
      String plain = new String(cell, ISO_8859_1);
      text.clear();
      text.row(cell, new int[] {0}, new int[] {0}, new int[] {cell.length});
      assertThat(written())
          .isEqualTo(
              plain.replace("\\", "\\\\").replace("\t", "\\\t").replace("\n", "\\\n") + "\n");
    }
  }

  @Test
  void aRowThatNoArrayHoldsIsRefused() {
    int large = 1_100_000_000; // twice as much when every byte is escaped
    assertThatThrownBy(() -> text.row(new byte[0], new int[] {0}, new int[] {0}, new int[] {large}))
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("too large");
  }

  @Test
  void aBufferGrowsAndStartsAnewWhenItIsCleared() throws IOException {
    String large = "\t".repeat(200_000);
    row(large);
    assertThat(written()).isEqualTo("\\\t".repeat(200_000) + "\n");
    text.clear();
    row("x");
    assertThat(written()).isEqualTo("x\n");
    assertThat(text.rows()).isEqualTo(1);
  }

  @Test
  void givesBackWhatAHugeRowTook() {
    LoadText text = new LoadText(1 << 20);
    byte[] row = new byte[20 << 20];
    text.row(row, new int[] {0}, new int[] {0}, new int[] {row.length});
    assertThat(text.capacity()).isGreaterThan(20 << 20);
    text.clear();
    assertThat(text.capacity()).isLessThan(2 << 20);
    assertThat(text.size()).isZero();
  }
}
