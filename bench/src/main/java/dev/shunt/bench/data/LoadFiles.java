package dev.shunt.bench.data;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The data set as files on the database servers' own disk, ready for LOAD DATA INFILE: one a part
 * of a table, in key order.
 *
 * @param parts the files
 * @param bytes size of all of them together
 */
public record LoadFiles(List<Part> parts, long bytes) {
  /** Rows of a file, and so of a transaction that loads it. */
  private static final int ROWS_A_FILE = 50_000;

  /**
   * Rows of one table that follow each other.
   *
   * @param table the table
   * @param file where they are
   * @param rows how many there are
   */
  public record Part(Table table, Path file, long rows) {
    /** The statement that loads it into the default database. */
    public String load() {
      return "LOAD DATA INFILE '%s' INTO TABLE %s CHARACTER SET binary %s"
          .formatted(file, table.name(), table.loaded());
    }
  }

  public LoadFiles {
    parts = List.copyOf(parts);
  }

  /** Writes the files into a folder, which is made. */
  public static LoadFiles write(DataSet data, Path folder) throws IOException {
    Files.createDirectories(folder);
    List<Part> parts = new ArrayList<>();
    long bytes = 0;
    for (Table table : data.tables()) {
      for (long from = 1; from <= table.rows(); from += ROWS_A_FILE) {
        long to = Math.min(table.rows(), from + ROWS_A_FILE - 1);
        Path file = folder.resolve("%s-%09d.tsv".formatted(table.name(), from)).toAbsolutePath();
        bytes += write(table, from, to, file);
        parts.add(new Part(table, file, to - from + 1));
      }
    }
    return new LoadFiles(parts, bytes);
  }

  private static long write(Table table, long from, long to, Path file) throws IOException {
    try (LineWriter out =
        new LineWriter(new BufferedOutputStream(Files.newOutputStream(file), 1 << 20))) {
      for (long id = from; id <= to; id++) {
        Rows.write(table, id, out);
      }
      return out.bytes();
    }
  }
}
