package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.Flavor;
import java.util.Set;

/**
 * What there is to know of a table of the target besides its columns and keys.
 *
 * @param server what its server is
 * @param standsAlone whether it has neither triggers nor foreign keys to or from it
 * @param withoutDefault columns that a strict server demands a value for
 */
record TableFacts(Flavor server, boolean standsAlone, Set<String> withoutDefault) {
  TableFacts {
    withoutDefault = Set.copyOf(withoutDefault);
  }
}
