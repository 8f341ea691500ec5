package dev.shunt.tablet.vreplication.stream;

import dev.shunt.mysql.MysqlException;
import dev.shunt.tablet.RpcException;
import dev.shunt.tabletclient.TabletException;
import io.grpc.Status;
import java.util.Set;

/**
 * Knows errors that trying again won't heal. The numbers are nearly those that Vitess gives up on.
 */
public final class TerminalErrors {
  private static final Set<Integer> MYSQL =
      Set.of(
          // access
          1044,
          1045,
          1142,
          1143,
          1227,
          1289,
          1290,
          1148,
          // schema; a column or table that is missing may still be added
          1109,
          1091,
          1060,
          1061,
          1169,
          1052,
          1288,
          1063,
          1239,
          1171,
          1118,
          1097,
          1230,
          1364,
          1273,
          // data
          1153,
          1062,
          1048,
          1406,
          1264,
          1265,
          1292,
          1366,
          1367,
          1411,
          1136,
          1525,
          1261,
          1262,
          1263,
          1300,
          1526,
          3643,
          3673,
          3819,
          4025,
          // JSON, geometry
          3140,
          3141,
          3143,
          3144,
          3146,
          3150,
          3156,
          3157,
          3158,
          1416,
          3037,
          3055,
          3548,
          3617,
          // statement
          1064,
          1149,
          1221,
          1235,
          1305,
          1318);

  private TerminalErrors() {}

  /** Whether a stream that failed so is stopped rather than tried again. */
  public static boolean isTerminal(Throwable error) {
    for (Throwable at = error; at != null; at = at.getCause()) {
      if (at instanceof MysqlException mysql && MYSQL.contains(mysql.errno())) {
        return true;
      }
      if (at instanceof RpcException tablet && tablet.code() == Status.Code.FAILED_PRECONDITION) {
        return true;
      }
      if (at instanceof TabletException source
          && (source.code() == Status.Code.FAILED_PRECONDITION
              || source.code() == Status.Code.INVALID_ARGUMENT // a filter that it can't carry out
              || isTooLarge(source))) {
        return true;
      }
    }
    return false;
  }

  /**
   * A message with a row in it that is larger than what either side takes comes again and again.
   */
  private static boolean isTooLarge(TabletException error) {
    String text = String.valueOf(error.getMessage());
    return error.code() == Status.Code.RESOURCE_EXHAUSTED
        && (text.contains("exceeds maximum size") || text.contains("larger than max"));
  }

  /** Whether the transaction was only in the way of another one. */
  public static boolean isLockConflict(MysqlException error) {
    return error.errno() == 1213 || error.errno() == 1205;
  }
}
