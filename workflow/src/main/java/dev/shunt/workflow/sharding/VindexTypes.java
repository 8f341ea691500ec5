package dev.shunt.workflow.sharding;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import vschema.Vschema;

/** The types of vindexes that Vitess has, spelled as there, and the parameters of each. */
final class VindexTypes {
  private static final String MULTI_COLUMN = "multicol";

  private static final List<String> TABLE =
      List.of("table", "from", "to", "ignore_nulls", "batch_lookup", "read_lock", "write_only");
  private static final List<String> COMMITS = List.of("autocommit", "multi_shard_autocommit");
  private static final List<String> COMMITS_AND_VERIFIES =
      List.of("autocommit", "multi_shard_autocommit", "no_verify");

  private static final SortedMap<String, Set<String>> PARAMETERS = parameters();

  private VindexTypes() {}

  private static SortedMap<String, Set<String>> parameters() {
    SortedMap<String, Set<String>> all = new TreeMap<>();
    for (String plain :
        List.of(
            "hash",
            "xxhash",
            "numeric",
            "binary",
            "binary_md5",
            "reverse_bits",
            "null",
            "unicode_loose_md5",
            "unicode_loose_xxhash")) {
      all.put(plain, Set.of());
    }
    all.put("numeric_static_map", Set.of("json", "json_path", "fallback_type"));
    all.put("region_experimental", Set.of("region_bytes"));
    all.put("region_json", Set.of("region_bytes", "region_map"));
    all.put(MULTI_COLUMN, Set.of("column_count", "column_bytes", "column_vindex"));
    all.put("cfc", Set.of("hash", "offsets"));
    for (String unique : List.of("", "_unique")) {
      all.put("lookup" + unique, union(TABLE, COMMITS_AND_VERIFIES));
      all.put("lookup_hash" + unique, union(TABLE, COMMITS));
      all.put("lookup_unicodeloosemd5_hash" + unique, union(TABLE, COMMITS));
      all.put("consistent_lookup" + unique, Set.copyOf(TABLE));
    }
    return all;
  }

  private static Set<String> union(List<String> some, List<String> others) {
    Set<String> all = new TreeSet<>(some);
    all.addAll(others);
    return Set.copyOf(all);
  }

  static boolean isKnown(String type) {
    return PARAMETERS.containsKey(type);
  }

  /** All of them, sorted, for messages. */
  static String known() {
    return String.join(", ", PARAMETERS.keySet());
  }

  /** Names of the parameters that its type does not have, sorted; none of an unknown type. */
  static List<String> unknownParameters(Vschema.Vindex vindex) {
    Set<String> known = PARAMETERS.get(vindex.getType());
    if (known == null) {
      return List.of();
    }
    Set<String> allowed = new TreeSet<>(known);
    if (vindex.getType().equals(MULTI_COLUMN)) {
      // They are handed on to the vindexes of the columns.
      for (String part : vindex.getParamsMap().getOrDefault("column_vindex", "").split(",", -1)) {
        allowed.addAll(PARAMETERS.getOrDefault(part.trim(), Set.of()));
      }
    }
    List<String> unknown = new ArrayList<>();
    for (Map.Entry<String, String> parameter : new TreeMap<>(vindex.getParamsMap()).entrySet()) {
      if (!allowed.contains(parameter.getKey())) {
        unknown.add(parameter.getKey());
      }
    }
    return unknown;
  }
}
