package dev.shunt.tablet.rpc;

import dev.shunt.mysql.MysqlException;
import dev.shunt.tablet.RpcException;
import io.grpc.Status;
import java.util.Set;

/**
 * gRPC codes for the server's errors, grouped as a vttablet groups them, so that clients which
 * match on the code see no difference.
 */
public final class MysqlErrors {
  private MysqlErrors() {}

  /**
   * What the caller of a statement gets; the message has number and state as Vitess writes them.
   */
  public static RpcException toTabletException(MysqlException error) {
    return new RpcException(code(error.errno()), String.valueOf(error.getMessage()), error);
  }

  /**
   * Errors with which a server answers a COMMIT that it has rolled back: deadlocks, lock waits and
   * conflicts of a replication group.
   */
  private static final Set<Integer> ROLLED_BACK = Set.of(1205, 1213, 1614, 3101);

  /** What the caller of a procedure gets: what that committed before it failed stays. */
  public static RuntimeException afterCall(MysqlException error) {
    return error.errno() == MysqlException.GONE_AWAY
        ? error
        : RpcException.afterCommit(code(error.errno()), String.valueOf(error.getMessage()), error);
  }

  /** What the caller of a COMMIT gets that went out and failed. */
  public static RpcException afterCommit(MysqlException error) {
    return ROLLED_BACK.contains(error.errno())
        ? toTabletException(error)
        : RpcException.afterCommit(
            code(error.errno()),
            "the COMMIT was sent, whether it took effect is not known: " + error.getMessage(),
            error);
  }

  /** The code for one of the server's error numbers; UNKNOWN for those that have no group. */
  public static Status.Code code(int errno) {
    return switch (errno) {
      case 1235 -> Status.Code.UNIMPLEMENTED;
      case 1021, 1037, 1038, 1040, 1041, 1114, 1129, 1135, 1151, 1153, 1203, 1206, 1226 ->
          Status.Code.RESOURCE_EXHAUSTED;
      case 1205, 1969, 3024 -> Status.Code.DEADLINE_EXCEEDED;
      case 1053, 2002, 2003, 2006, 2013, MysqlException.SESSION_REFUSED -> Status.Code.UNAVAILABLE;
      case 1029, 1032, 1051, 1054, 1094, 1109, 1122, 1141, 1146, 1147, 1176 ->
          Status.Code.NOT_FOUND;
      case 1044, 1045, 1095, 1142, 1143, 1211, 1227, 1370, 1698 -> Status.Code.PERMISSION_DENIED;
      case 1046,
          1082,
          1091,
          1099,
          1100,
          1104,
          1148,
          1162,
          1165,
          1169,
          1173,
          1179,
          1207,
          1215,
          1216,
          1217,
          1223,
          1230,
          1290,
          1364,
          1451,
          1452,
          1792,
          1836 ->
          Status.Code.FAILED_PRECONDITION;
      case 1022, 1050, 1062, 1086, 1125, 1586 -> Status.Code.ALREADY_EXISTS;
      case 1078, 1080, 1152, 1213 -> Status.Code.ABORTED;
      case 1317 -> Status.Code.CANCELLED;
      case 1047,
          1048,
          1049,
          1052,
          1055,
          1056,
          1057,
          1058,
          1059,
          1060,
          1061,
          1063,
          1064,
          1065,
          1066,
          1067,
          1068,
          1069,
          1070,
          1071,
          1072,
          1073,
          1074,
          1075,
          1083,
          1084,
          1090,
          1101,
          1102,
          1103,
          1105,
          1106,
          1107,
          1108,
          1110,
          1111,
          1113,
          1115,
          1117,
          1118,
          1120,
          1121,
          1136,
          1138,
          1139,
          1140,
          1149,
          1166,
          1167,
          1171,
          1191,
          1221,
          1222,
          1241,
          1242,
          1247,
          1248,
          1250,
          1264,
          1265,
          1292,
          1300,
          1305,
          1366,
          1406,
          1411,
          1525,
          1582,
          1630,
          3140,
          3141,
          3819,
          4025 ->
          Status.Code.INVALID_ARGUMENT;
      default -> Status.Code.UNKNOWN;
    };
  }
}
