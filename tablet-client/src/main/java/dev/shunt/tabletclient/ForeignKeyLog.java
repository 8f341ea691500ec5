package dev.shunt.tabletclient;

/** Whether a server's log tells what foreign keys did to rows. */
public final class ForeignKeyLog {
  private ForeignKeyLog() {}

  /** MySQL from 9.6 on does, unless {@code innodb_native_foreign_keys} is on; no other has that. */
  public static boolean isKept(TabletClient tablet) {
    String sql = "show global variables like 'innodb_native_foreign_keys'";
    return ResultRow.of(tablet.executeFetchAsDba(sql, 1)).stream()
        .anyMatch(row -> row.text("Value").equalsIgnoreCase("OFF"));
  }
}
