package dev.shunt.tablet.preflight;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Whether a replica leaves out changes of tables that matter. It counts them as done all the same:
 * who reads its log sees transactions without their rows.
 */
final class ReplicaFilters {
  private ReplicaFilters() {}

  static List<Finding> judge(
      ServerFacts facts, String database, Predicate<String> tables, Supplier<List<String>> names) {
    List<Finding> findings = new ArrayList<>();
    if (facts.isReplica() && facts.differs("replicate_events_marked_for_skip", "REPLICATE")) {
      findings.add(
          Finding.ofServer(
              Line.REPLICA_FILTER,
              "replicate_events_marked_for_skip is "
                  + facts.variables().get("replicate_events_marked_for_skip"),
              "STOP ALL SLAVES",
              facts.set("replicate_events_marked_for_skip", "'REPLICATE'"),
              "START ALL SLAVES"));
    }
    for (Map<String, String> replica : facts.replicas()) {
      List<String> hiding = hiding(facts.names(), replica, database, tables, names);
      if (!hiding.isEmpty()) {
        findings.add(
            Finding.ofServer(
                Line.REPLICA_FILTER,
                "the server is a replica with " + String.join(" and ", hiding),
                remedy(facts)));
      }
    }
    return findings;
  }

  private static String[] remedy(ServerFacts facts) {
    List<String> statements = facts.flavor().replication().clearFilters();
    return statements.isEmpty()
        ? new String[] {ServerFacts.configure("without replicate_* filters")}
        : statements.toArray(String[]::new);
  }

  private static List<String> hiding(
      NameRule rule,
      Map<String, String> replica,
      String database,
      Predicate<String> tables,
      Supplier<List<String>> names) {
    List<String> hiding = new ArrayList<>();
    List<String> only = LogLines.list(replica, "replicate_do_db");
    if (!only.isEmpty() && only.stream().noneMatch(name -> rule.same(name, database))) {
      hiding.add("replicate_do_db=" + String.join(",", only));
    }
    List<String> without = LogLines.list(replica, "replicate_ignore_db");
    if (without.stream().anyMatch(name -> name.equalsIgnoreCase(database))) {
      hiding.add("replicate_ignore_db=" + String.join(",", without));
    }
    List<String> only1 = LogLines.list(replica, "replicate_do_table");
    List<String> onlyWild = LogLines.list(replica, "replicate_wild_do_table");
    List<String> without1 = LogLines.list(replica, "replicate_ignore_table");
    List<String> withoutWild = LogLines.list(replica, "replicate_wild_ignore_table");
    if (only1.isEmpty() && onlyWild.isEmpty() && without1.isEmpty() && withoutWild.isEmpty()) {
      return hiding;
    }
    for (String table : names.get()) {
      if (!tables.test(table)) {
        continue;
      }
      String name = database + "." + table;
      boolean listed =
          only1.stream().anyMatch(one -> rule.same(one, name))
              || onlyWild.stream().anyMatch(one -> matches(rule, one, name));
      boolean ignored =
          without1.stream().anyMatch(one -> one.equalsIgnoreCase(name))
              || withoutWild.stream().anyMatch(one -> matches(NameRule.WITHOUT_CASE, one, name));
      boolean lists = !only1.isEmpty() || !onlyWild.isEmpty();
      if (ignored || (lists && !listed)) {
        hiding.add("a filter of tables that leaves out " + name);
        return hiding;
      }
    }
    return hiding;
  }

  /** A pattern as of LIKE. */
  static boolean matches(NameRule rule, String like, String name) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < like.length(); i++) {
      char c = like.charAt(i);
      if (c == '\\' && i + 1 < like.length()) {
        regex.append(Pattern.quote(like.substring(i + 1, i + 2)));
        i++;
      } else {
        regex.append(c == '%' ? ".*" : c == '_' ? "." : Pattern.quote(String.valueOf(c)));
      }
    }
    int flags = rule == NameRule.EXACT ? Pattern.DOTALL : Pattern.DOTALL | Pattern.CASE_INSENSITIVE;
    return Pattern.compile(regex.toString(), flags).matcher(name).matches();
  }
}
