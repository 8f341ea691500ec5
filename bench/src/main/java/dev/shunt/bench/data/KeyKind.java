package dev.shunt.bench.data;

import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Primary keys that do not begin with an integer of their own for each row. Keys grow with the
 * number of the row, so that files are in the order of the key; between two of them is a random
 * distance, as between hashes that were sorted.
 */
public enum KeyKind {
  /** 16 bytes like those of hashes. */
  BINARY16("id binary(16) NOT NULL", "id") {
    @Override
    void write(long id, long rows, SplittableRandom random, LineWriter out) throws IOException {
      byte[] key = new byte[16];
      random.nextBytes(key);
      long lead = spread(id, rows, random);
      for (int i = 0; i < 6; i++) {
        key[i] = (byte) (lead >> (8 * (5 - i)));
      }
      out.bytes(key);
    }
  },
  /** Random UUIDs as text, in the default collation. */
  UUID("id char(36) NOT NULL", "id") {
    @Override
    void write(long id, long rows, SplittableRandom random, LineWriter out) throws IOException {
      long high = (spread(id, rows, random) << 16) | 0x4000L | random.nextLong(0x1000);
      long low = (random.nextLong() >>> 2) | Long.MIN_VALUE;
      out.plain(new java.util.UUID(high, low).toString());
    }
  },
  /** Addresses of people, as text. */
  TEXT("id varchar(64) NOT NULL", "id") {
    @Override
    void write(long id, long rows, SplittableRandom random, LineWriter out) throws IOException {
      out.plain("customer.%010d@shop%02d.example".formatted(id, random.nextInt(100)));
    }
  },
  /** A tenant and a number within it; the first tenant has half of all rows. */
  COMPOSITE("tenant int NOT NULL, id bigint NOT NULL", "tenant, id") {
    @Override
    void write(long id, long rows, SplittableRandom random, LineWriter out) throws IOException {
      out.number(1 + Math.max(0, id - rows / 2) * 2 * TENANTS / (rows + 2)).number(id);
    }
  };

  private static final int TENANTS = 1000;
  private static final String PREFIX = "keyed_";

  private final String columns;
  private final String key;

  KeyKind(String columns, String key) {
    this.columns = columns;
    this.key = key;
  }

  /** Writes the columns of the key of row {@code id}, the first of a line. */
  abstract void write(long id, long rows, SplittableRandom random, LineWriter out)
      throws IOException;

  /** The columns of the key as they stand in CREATE TABLE. */
  String columns() {
    return columns;
  }

  /** Names of the key's columns. */
  String key() {
    return key;
  }

  /** Name of a table with such a key. */
  public String table() {
    return PREFIX + name().toLowerCase(Locale.ROOT);
  }

  static Optional<KeyKind> ofTable(String table) {
    return Arrays.stream(values()).filter(kind -> kind.table().equals(table)).findFirst();
  }

  /** 48 bits, the rows at about equal distances. */
  private static long spread(long id, long rows, SplittableRandom random) {
    long distance = (1L << 48) / (rows + 1);
    return id * distance + random.nextLong(distance);
  }
}
