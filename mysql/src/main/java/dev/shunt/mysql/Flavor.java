package dev.shunt.mysql;

import java.util.Locale;

/** The two families of servers; they differ in GTIDs and in some statements. */
public enum Flavor {
  /** MySQL 5.6 and later, with UUID based GTID sets. */
  MYSQL("MySQL56"),
  /** MariaDB 10 and later, with domain-server-sequence GTIDs. */
  MARIADB("MariaDB");

  private final String prefix;

  Flavor(String prefix) {
    this.prefix = prefix;
  }

  /** What stands before the slash of an encoded position, as in Vitess. */
  public String prefix() {
    return prefix;
  }

  static Flavor ofVersion(String version) {
    return version.toLowerCase(Locale.ROOT).contains("mariadb") ? MARIADB : MYSQL;
  }
}
