package dev.shunt.tablet.preflight;

import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What of a server is looked at.
 *
 * @param database the database whose tables move, as the server spells it
 * @param sidecar the tablet's own database, {@code _vt} by default
 * @param tables which tables of the database matter
 * @param listed the same as a list where there is one; names that are not there are no finding
 */
public record Scope(
    String database, String sidecar, Predicate<String> tables, Optional<Set<String>> listed) {

  /** Tables of a list. */
  public static Scope of(String database, String sidecar, Set<String> tables) {
    Set<String> copy = Set.copyOf(tables);
    return new Scope(database, sidecar, copy::contains, Optional.of(copy));
  }

  /** Tables that a stream's rules match. */
  public static Scope matching(String database, String sidecar, Predicate<String> tables) {
    return new Scope(database, sidecar, tables, Optional.empty());
  }

  /** All tables. */
  public static Scope all(String database, String sidecar) {
    return matching(database, sidecar, table -> true);
  }
}
