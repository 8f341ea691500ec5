package dev.shunt.tablet.vstreamer.binlog;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the row image itself does not say about a column.
 *
 * @param unsigned whether a numeric column is UNSIGNED
 * @param zerofill characters to which a ZEROFILL column is padded, 0 for none
 * @param binaryLength for BINARY(n) the n to which stripped zero bytes are restored, else 0
 * @param elements the strings of an ENUM or SET in order, each char a byte of the column's
 *     character set
 * @param fixedText which of MariaDB's types of text in a fixed number of bytes it is, or null
 * @param separator what stands between the strings of a SET, in the same way
 */
public record ColumnFacts(
    boolean unsigned,
    int zerofill,
    int binaryLength,
    @Nullable FixedText fixedText,
    List<String> elements,
    String separator) {
  /** A column of which nothing special is known. */
  public static final ColumnFacts PLAIN = new ColumnFacts(false, 0, 0, null, List.of(), ",");

  public ColumnFacts {
    elements = List.copyOf(elements);
  }
}
