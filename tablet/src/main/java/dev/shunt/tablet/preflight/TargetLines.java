package dev.shunt.tablet.preflight;

import dev.shunt.mysql.SqlText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Lines about a server that rows are written to. */
final class TargetLines {
  private TargetLines() {}

  static List<Finding> judge(ServerFacts facts, List<ListedTable> sidecar, String sidecarName) {
    List<Finding> findings = new ArrayList<>();
    readOnly(facts, findings);
    engines(facts, findings);
    for (ListedTable table : sidecar) {
      if (table.isBase() && !table.engine().equalsIgnoreCase(TableLines.INNODB)) {
        findings.add(
            Finding.of(
                Line.SIDECAR_ENGINE,
                sidecarName + "." + table.name(),
                "the table "
                    + sidecarName
                    + "."
                    + table.name()
                    + " has the engine "
                    + table.engine(),
                "ALTER TABLE "
                    + SqlText.qualified(sidecarName, table.name())
                    + " ENGINE = InnoDB"));
      }
    }
    for (String name : List.of("sql_require_primary_key", "innodb_force_primary_key")) {
      if (facts.isOn(name)) {
        findings.add(Finding.ofServer(Line.REQUIRED_KEY, name + " is ON", facts.set(name, "OFF")));
      }
    }
    if (facts.isOn("sql_generate_invisible_primary_key")) {
      findings.add(
          Finding.ofServer(
              Line.GENERATED_KEY,
              "sql_generate_invisible_primary_key is ON",
              facts.set("sql_generate_invisible_primary_key", "OFF")));
    }
    return findings;
  }

  /** Names of tables that the server would write in another way. */
  static List<Finding> names(ServerFacts facts, Scope scope) {
    List<Finding> findings = new ArrayList<>();
    Set<String> folded = new HashSet<>();
    for (String name : new TreeSet<>(scope.listed().orElse(Set.of()))) {
      String here = facts.names().fold(name);
      if (!folded.add(here) || (facts.lowersNames() && !here.equals(name))) {
        findings.add(
            Finding.of(
                Line.NAMES_CASE,
                name,
                "the target's server takes "
                    + name
                    + " for "
                    + here
                    + ", as its lower_case_table_names is not 0",
                "-- on the source: RENAME TABLE "
                    + SqlText.identifier(name)
                    + " TO another name in lower case"));
      }
    }
    return findings;
  }

  private static void readOnly(ServerFacts facts, List<Finding> findings) {
    for (String name :
        List.of("super_read_only", "read_only", "transaction_read_only", "tx_read_only")) {
      // MariaDB has more than ON and OFF.
      if (facts.differs(name, "OFF") && facts.differs(name, "0")) {
        findings.add(
            Finding.ofServer(
                Line.READ_ONLY,
                name + " is " + facts.variables().get(name),
                facts.set(name, "OFF")));
        break;
      }
    }
    if (facts.isOn("innodb_read_only")) {
      findings.add(
          Finding.ofServer(
              Line.READ_ONLY,
              "innodb_read_only is ON",
              ServerFacts.configure("without innodb_read_only")));
    }
    if (facts.differs("innodb_force_recovery", "0")) {
      findings.add(
          Finding.ofServer(
              Line.READ_ONLY,
              "innodb_force_recovery is " + facts.variables().get("innodb_force_recovery"),
              ServerFacts.configure("without innodb_force_recovery")));
    }
  }

  private static void engines(ServerFacts facts, List<Finding> findings) {
    String enforced = facts.variables().getOrDefault("enforce_storage_engine", "");
    if (!enforced.isEmpty() && !enforced.equalsIgnoreCase(TableLines.INNODB)) {
      findings.add(
          Finding.ofServer(
              Line.ENFORCED_ENGINE,
              "enforce_storage_engine is " + enforced,
              facts.set("enforce_storage_engine", "NULL")));
    }
    String disabled = facts.variables().getOrDefault("disabled_storage_engines", "");
    if (Arrays.stream(disabled.split(","))
        .anyMatch(name -> name.strip().equalsIgnoreCase(TableLines.INNODB))) {
      findings.add(
          Finding.ofServer(
              Line.ENFORCED_ENGINE,
              "disabled_storage_engines is " + disabled,
              ServerFacts.configure("disabled_storage_engines without InnoDB")));
    }
  }
}
