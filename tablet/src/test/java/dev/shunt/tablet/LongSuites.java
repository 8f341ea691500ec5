package dev.shunt.tablet;

import dev.shunt.embedded.DatabaseKind;
import java.util.List;

/** On which servers those tests run that take minutes for each. */
public final class LongSuites {
  private LongSuites() {}

  /**
   * The newest of each family; with -Pfull all. What differs between versions of a family, shorter
   * tests show.
   */
  public static List<DatabaseKind> kinds() {
    boolean full = Boolean.getBoolean("test.full");
    return DatabaseKind.available().stream()
        .filter(kind -> full || kind != DatabaseKind.MARIADB_10_11)
        .toList();
  }
}
