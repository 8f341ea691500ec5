package dev.shunt.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who else has what a migration moves: tables, or shards, by name. One implementation a kind of
 * migration.
 */
public sealed interface Claims permits TableClaims, ShardClaims {
  /** By name, who has it; what nobody else has is left out. */
  SortedMap<String, Set<String>> all() throws Exception;

  /** By name, the other workflows whose streams write or move it. */
  SortedMap<String, Set<String>> streams() throws Exception;

  /** By name, the other workflows whose streams write it on the target. */
  SortedMap<String, Set<String>> writers() throws Exception;

  /** Words claims for a person, for instance {@code corder (workflow customer.c2c)}. */
  static String text(Map<String, Set<String>> claims) {
    List<String> words = new ArrayList<>(claims.size());
    new TreeMap<>(claims)
        .forEach(
            (table, by) -> words.add(table + " (" + String.join(", ", new TreeSet<>(by)) + ")"));
    return String.join(", ", words);
  }
}
