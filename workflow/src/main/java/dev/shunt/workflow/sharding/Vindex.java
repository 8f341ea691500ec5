package dev.shunt.workflow.sharding;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A function from the values of one or more columns to a keyspace id, as Vitess defines it under
 * the same name. All of them map a value to exactly one id, need no look-up table, and may be used
 * by any thread.
 */
public sealed interface Vindex
    permits Vindex.Hash,
        Vindex.XxHash,
        Vindex.Numeric,
        Vindex.Binary,
        Vindex.BinaryMd5,
        Vindex.ReverseBits,
        Vindex.Null,
        UnicodeLoose,
        NumericStaticMap,
        CompositeKey,
        Region,
        MultiColumn {
  /** Vitess's name of the type, for instance {@code xxhash}. */
  String type();

  /**
   * What it costs to use, as Vitess ranks them: the cheapest vindex of a table is the one rows are
   * filtered by.
   */
  int cost();

  /** How many columns it takes. */
  default int columns() {
    return 1;
  }

  /**
   * Keyspace id of the values of all its columns.
   *
   * @throws UnmappableValueException when they have none, or are not as many as {@link #columns}
   */
  default byte[] map(List<byte @Nullable []> values) {
    if (values.size() != 1) {
      throw new UnmappableValueException(type(), "it takes one column, not " + values.size());
    }
    return map(values.getFirst());
  }

  /**
   * Keyspace id of a value.
   *
   * @param value the value as MySQL sends it in text form; null is SQL NULL
   * @throws UnmappableValueException when the value has no keyspace id
   */
  byte[] map(byte @Nullable [] value);

  /** As {@link #map(byte[])}, of a text. */
  default byte[] map(String value) {
    return map(value.getBytes(StandardCharsets.UTF_8));
  }

  /** The integer in one block of DES under a key of zeros. */
  record Hash() implements Vindex {
    @Override
    public String type() {
      return "hash";
    }

    @Override
    public int cost() {
      return 1;
    }

    @Override
    public byte[] map(byte @Nullable [] value) {
      return NullKeyDes.encrypt(Integers.signedOrUnsigned(type(), value));
    }
  }

  /** XXH64 of the bytes, little-endian. */
  record XxHash() implements Vindex {
    @Override
    public String type() {
      return "xxhash";
    }

    @Override
    public int cost() {
      return 1;
    }

    @Override
    public byte[] map(byte @Nullable [] value) {
      return Integers.bigEndian(Long.reverseBytes(Xxh64.hash(Integers.notNull(type(), value))));
    }
  }

  /** The unsigned integer itself, big-endian. */
  record Numeric() implements Vindex {
    @Override
    public String type() {
      return "numeric";
    }

    @Override
    public int cost() {
      return 0;
    }

    @Override
    public byte[] map(byte @Nullable [] value) {
      return Integers.bigEndian(Integers.unsigned(type(), value));
    }
  }

  /** The bytes themselves. */
  record Binary() implements Vindex {
    @Override
    public String type() {
      return "binary";
    }

    @Override
    public int cost() {
      return 0;
    }

    @Override
    public byte[] map(byte @Nullable [] value) {
      return Integers.notNull(type(), value).clone();
    }
  }

  /** MD5 of the bytes. */
  record BinaryMd5() implements Vindex {
    @Override
    public String type() {
      return "binary_md5";
    }

    @Override
    public int cost() {
      return 1;
    }

    @Override
    public byte[] map(byte @Nullable [] value) {
      return Md5.of(Integers.notNull(type(), value));
    }
  }

  /** The unsigned integer with its 64 bits reversed, big-endian. */
  record ReverseBits() implements Vindex {
    @Override
    public String type() {
      return "reverse_bits";
    }

    @Override
    public int cost() {
      return 1;
    }

    @Override
    public byte[] map(byte @Nullable [] value) {
      return Integers.bigEndian(Long.reverse(Integers.unsigned(type(), value)));
    }
  }

  /** One zero byte for every value, NULL included. */
  record Null() implements Vindex {
    @Override
    public String type() {
      return "null";
    }

    @Override
    public int cost() {
      return 100;
    }

    @Override
    public byte[] map(byte @Nullable [] value) {
      return new byte[1];
    }
  }
}
