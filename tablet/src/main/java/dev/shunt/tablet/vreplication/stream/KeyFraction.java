package dev.shunt.tablet.vreplication.stream;

import dev.shunt.tablet.RpcException;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Digits behind the point that values of a key's column have. With fewer of them a server rounds
 * what is there: rows that are not copied move before the last copied key, or into a part that is
 * done, and would never be read. With more of them a time is written with other bytes.
 */
final class KeyFraction {
  private static final Pattern SIZE = Pattern.compile("^[^(]*\\((\\d+)(?:\\s*,\\s*(\\d+))?\\)");

  /** FLOAT and DOUBLE that have as many as they need. */
  private static final int ANY = Integer.MAX_VALUE;

  private KeyFraction() {}

  /** Whether a column had other values, or may have had; false where that is not known. */
  static boolean differs(Query.Field before, Query.Field now) {
    OptionalInt had = of(before);
    OptionalInt has = of(now);
    return had.isPresent() && has.isPresent() && had.getAsInt() != has.getAsInt();
  }

  /**
   * Makes sure that a column has the values that it had.
   *
   * @throws RpcException FAILED_PRECONDITION when it has not
   */
  static void demandSame(String table, Query.Field before, Query.Field now) {
    if (differs(before, now)) {
      boolean rounded = of(now).orElse(0) < of(before).orElse(0);
      throw new RpcException(
          Status.Code.FAILED_PRECONDITION,
          "the copy of table %s can't go on: the column %s of its source's key was %s when it began and is %s now; %sempty the table and create the stream again"
              .formatted(
                  table,
                  before.getName(),
                  before.getColumnType(),
                  now.getColumnType(),
                  rounded
                      ? "its values were rounded, so putting it back does not help: "
                      : "put it back and start the stream, or "));
    }
  }

  private static OptionalInt of(Query.Field field) {
    String type = field.getColumnType();
    if (type.isEmpty()) {
      return OptionalInt.empty(); // as from a stock vttablet
    }
    Matcher size = SIZE.matcher(type);
    boolean sized = size.find();
    return switch (field.getType()) {
      case TIME, DATETIME, TIMESTAMP -> OptionalInt.of(sized ? Integer.parseInt(size.group(1)) : 0);
      case DECIMAL -> OptionalInt.of(scale(sized, size, 0));
      case FLOAT32, FLOAT64 -> OptionalInt.of(scale(sized, size, ANY));
      default -> OptionalInt.empty();
    };
  }

  private static int scale(boolean sized, Matcher size, int otherwise) {
    return sized && size.group(2) != null ? Integer.parseInt(size.group(2)) : otherwise;
  }
}
