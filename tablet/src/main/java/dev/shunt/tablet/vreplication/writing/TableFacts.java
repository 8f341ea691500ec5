package dev.shunt.tablet.vreplication.writing;

import dev.shunt.mysql.Flavor;
import java.util.Optional;

/**
 * What there is to know of a table of the target besides its columns and keys.
 *
 * @param server what its server is
 * @param standsAlone whether it has neither triggers nor foreign keys to or from it
 * @param refuses whether it may refuse rows whose values its columns take: by CHECK, by partitions,
 *     or by what is computed
 * @param withoutOverlaps whether a key of it is WITHOUT OVERLAPS: its server takes no statement
 *     that replaces or changes what an INSERT meets
 * @param stamp says whether it is still the same; none when it can't change
 */
record TableFacts(
    Flavor server,
    boolean standsAlone,
    boolean refuses,
    boolean withoutOverlaps,
    Optional<TableStamp> stamp) {}
