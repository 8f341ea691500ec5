package dev.shunt.tablet.vreplication;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class LoadTextTest {
  private final LoadText text = new LoadText();

  private void row(String... cells) {
    for (String cell : cells) {
      byte[] bytes = cell.getBytes(ISO_8859_1);
      text.cell(bytes, 0, cell.equals("null") ? -1 : bytes.length);
    }
    text.endRow();
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
  void onlyWhatWouldEndACellIsEscaped() throws IOException {
    row("tab\there", "line\nfeed", "back\\slash", "\\N", "nul\0 cr\r quote' \"\u00ff");
    assertThat(written())
        .isEqualTo("tab\\\there\tline\\\nfeed\tback\\\\slash\t\\\\N\tnul\0 cr\r quote' \"\u00ff\n");
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
}
