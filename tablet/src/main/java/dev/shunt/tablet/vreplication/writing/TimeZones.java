package dev.shunt.tablet.vreplication.writing;

import binlogdata.Binlogdata;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import io.grpc.Status;
import java.util.Optional;

/**
 * What the DATETIME columns of a stream are converted between.
 *
 * @param source zone of the source's values
 * @param target zone of the target's values
 */
public record TimeZones(String source, String target) {
  /** The zones of a stream; empty unless both are given. */
  public static Optional<TimeZones> of(Binlogdata.BinlogSource source) {
    return source.getSourceTimeZone().isEmpty() || source.getTargetTimeZone().isEmpty()
        ? Optional.empty()
        : Optional.of(new TimeZones(source.getSourceTimeZone(), source.getTargetTimeZone()));
  }

  /** What follows the value in a call of CONVERT_TZ, and ends it. */
  String conversion() {
    return "," + SqlText.literal(source) + "," + SqlText.literal(target) + ")";
  }

  /**
   * Makes sure that the server knows both zones.
   *
   * @throws RpcException FAILED_PRECONDITION when it does not
   */
  void demandKnown(MysqlConnection connection) {
    String sql = "SELECT CONVERT_TZ('2000-01-01 12:00:00'" + conversion();
    if (connection.execute(sql).only().bytes(0) == null) {
      throw new RpcException(
          Status.Code.FAILED_PRECONDITION,
          "unable to convert time zones from "
              + source
              + " to "
              + target
              + ": the target's server does not know one of them; load its tables with"
              + " mysql_tzinfo_to_sql");
    }
  }
}
