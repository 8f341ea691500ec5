package dev.shunt.tablet.vreplication.applying;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.schema.EnumElements;
import dev.shunt.tablet.schema.PackedText;
import dev.shunt.tablet.schema.ProtoRows;
import dev.shunt.tablet.vreplication.stream.CopyPart;
import dev.shunt.tablet.vreplication.stream.PartBounds;
import dev.shunt.tablet.vreplication.stream.TableProgress;
import dev.shunt.tablet.vreplication.writing.TextOrder;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a table that have been copied, in the middle of its copy: in each part those up to
 * the last copied one, in the order in which the source sends them. Changes of others need not be
 * applied, as they are copied later.
 *
 * <p>For a table without a unique key this must be known to the row. There the order is by bytes
 * for all that is no number and no time, so it can be decided here; texts of a key with a collation
 * are compared by the target's server. For others a change more does no harm, as the copy replaces
 * what it finds: what can't be decided here at once counts as copied.
 */
public final class CopiedRows {
  private static final int BINARY = 63;

  private final List<Query.Field> key;
  private final List<Part> parts;
  private final int[] places;
  private final boolean exactly;
  private final TextOrder texts;

  /**
   * @param end key of the last row that may be of it; null when that may be any
   */
  private record Part(CopyPart part, @Nullable LastKey last, @Nullable LastKey end) {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record LastKey(byte[] @Nullable [] cells) {
    static LastKey of(Query.Row row) {
      return new LastKey(ProtoRows.unpack(row));
    }
  }

  /**
   * @param fields the fields of the rows to come
   * @param exactly whether it must be known to the row
   * @param texts compares texts that have a collation
   * @throws RpcException FAILED_PRECONDITION when the fields lack a column of the key
   */
  CopiedRows(TableProgress progress, List<Query.Field> fields, boolean exactly, TextOrder texts) {
    this.exactly = exactly;
    this.texts = texts;
    this.key = progress.keyFields();
    this.parts =
        progress.parts().stream()
            .map(part ->
                new Part(
                    part,
                    part.lastPk().map(last -> LastKey.of(last.getRows(0))).orElse(null),
                    part.until().map(LastKey::of).orElse(null)))
            .toList();
    this.places = new int[key.size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = place(progress.table(), fields, key.get(i).getName());
    }
  }

  private static int place(String table, List<Query.Field> fields, String name) {
    for (int i = 0; i < fields.size(); i++) {
      if (fields.get(i).getOrgName().equalsIgnoreCase(name)
          || fields.get(i).getName().equalsIgnoreCase(name)) {
        return i;
      }
    }
    throw new RpcException(
        Status.Code.FAILED_PRECONDITION,
        "table " + table + " has no unique key and its column " + name + " is not streamed");
  }

  /** Whether it is known to the row; otherwise a row that comes may be there already. */
  boolean exact() {
    return exactly;
  }

  /** Whether it can be decided at once, and exactly, for every row. */
  public static boolean canDecide(List<Query.Field> key) {
    return key.stream().allMatch(CopiedRows::comparable);
  }

  /** Whether the row is one of them. */
  boolean contain(byte[] @Nullable [] row) {
    if (parts.size() == 1) {
      return contains(parts.getFirst(), row);
    }
    return switch (parts.getFirst().part().bounds()) {
      case PartBounds.Numbers _ -> containByNumber(row);
      case PartBounds.Keys _ -> containByKey(row);
    };
  }

  private boolean containByNumber(byte[] @Nullable [] row) {
    byte @Nullable [] lead = row[places[0]];
    if (lead == null) {
      return true; // no value that a part is found by, and not from a table that is cut
    }
    BigInteger value = new BigInteger(text(lead));
    return parts.stream()
        .anyMatch(part ->
            part.part().bounds() instanceof PartBounds.Numbers numbers
                && numbers.covers(value)
                && contains(part, row));
  }

  /** The row's part is the first that ends with its key or behind it. */
  private boolean containByKey(byte[] @Nullable [] row) {
    int low = 0;
    int high = parts.size() - 1;
    while (low < high) {
      int middle = (low + high) / 2;
      LastKey end = Objects.requireNonNull(parts.get(middle).end());
      OptionalInt order = order(row, end);
      if (order.isEmpty()) {
        return true;
      }
      if (order.getAsInt() <= 0) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return contains(parts.get(low), row);
  }

  private boolean contains(Part part, byte[] @Nullable [] row) {
    if (part.part().done()) {
      return true;
    }
    LastKey last = part.last();
    return last != null && order(row, last).orElse(0) <= 0;
  }

  /** Order of a row and a key; empty where it need not be known and can't be found at once. */
  private OptionalInt order(byte[] @Nullable [] row, LastKey other) {
    for (int i = 0; i < places.length; i++) {
      if (!exactly && !comparable(key.get(i))) {
        return OptionalInt.empty();
      }
      int order = compare(key.get(i), counted(key.get(i), row[places[i]]), other.cells()[i]);
      if (order != 0) {
        return OptionalInt.of(order);
      }
    }
    return OptionalInt.of(0);
  }

  /** Whether values are compared here as the source's server does, and quickly. */
  private static boolean comparable(Query.Field field) {
    return switch (field.getType()) {
      case INT8, INT16, INT24, INT32, INT64, UINT8, UINT16, UINT24, UINT32, UINT64, DECIMAL -> true;
      case DATE, DATETIME, TIMESTAMP, BINARY, VARBINARY -> true;
      default -> PackedText.of(field).isPresent();
    };
  }

  /** What of a cell is part of the key. */
  private static byte @Nullable [] counted(Query.Field field, byte @Nullable [] cell) {
    boolean longer =
        cell != null
            && field.getType() == Query.Type.VARBINARY
            && field.getColumnLength() > 0
            && cell.length > field.getColumnLength();
    return longer ? Arrays.copyOf(cell, field.getColumnLength()) : cell;
  }

  private int compare(Query.Field field, byte @Nullable [] a, byte @Nullable [] b) {
    if (a == null || b == null) {
      return Boolean.compare(a != null, b != null);
    }
    Optional<PackedText> packed = PackedText.of(field);
    if (packed.isPresent()) {
      return Arrays.compareUnsigned(packed.get().bytes(a), packed.get().bytes(b));
    }
    return switch (field.getType()) {
      case INT8, INT16, INT24, INT32, INT64, UINT8, UINT16, UINT24, UINT32, UINT64, DECIMAL ->
          new BigDecimal(text(a)).compareTo(new BigDecimal(text(b)));
      case FLOAT32, FLOAT64 ->
          // 0 and -0 are equal here as they are in SQL.
          Double.compare(Double.parseDouble(text(a)) + 0.0, Double.parseDouble(text(b)) + 0.0);
      case CHAR, VARCHAR, TEXT ->
          field.getCharset() == BINARY
              ? Arrays.compareUnsigned(a, b)
              : texts.compare(field.getCharset(), a, b);
      case ENUM, SET -> Long.compareUnsigned(number(field, a), number(field, b));
      case TIME -> seconds(text(a)).compareTo(seconds(text(b)));
      default -> Arrays.compareUnsigned(a, b);
    };
  }

  /** What an ENUM or a SET is ordered by: the element's place, or a bit for each element. */
  private static long number(Query.Field field, byte[] cell) {
    List<String> elements = EnumElements.of(field.getColumnType());
    String value = text(cell);
    boolean plain = !elements.isEmpty() && elements.stream().allMatch(CopiedRows::isAscii);
    if (!plain) {
      throw new RpcException(
          Status.Code.FAILED_PRECONDITION,
          "the copy of a table with "
              + field.getName()
              + " in its key was cut off and can't go on: how far it came can't be told of an"
              + " ENUM or SET; empty the target's table and create the stream again");
    }
    if (field.getType() == Query.Type.ENUM) {
      return elements.indexOf(value) + 1L; // an invalid value is before all others
    }
    long bits = 0;
    for (String element : value.isEmpty() ? List.<String>of() : List.of(value.split(",", -1))) {
      bits |= 1L << elements.indexOf(element);
    }
    return bits;
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 128);
  }

  private static BigDecimal seconds(String time) {
    boolean negative = time.startsWith("-");
    String[] parts = time.substring(negative ? 1 : 0).split(":", 3);
    BigDecimal sum =
        new BigDecimal(parts[2])
            .add(BigDecimal.valueOf(Long.parseLong(parts[1]) * 60))
            .add(BigDecimal.valueOf(Long.parseLong(parts[0]) * 3600));
    return negative ? sum.negate() : sum;
  }

  private static String text(byte[] cell) {
    return new String(cell, US_ASCII);
  }
}
