package dev.shunt.tablet.preflight;

import dev.shunt.mysql.Flavor;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a server says of itself.
 *
 * @param version as in its greeting
 * @param variables global variables by lower-case name; what the server does not have is missing
 * @param replicas status of each connection by which it is a replica, by lower-case column in
 *     MySQL's names of today
 * @param log the row of SHOW BINARY LOG STATUS, by lower-case column; empty when there is none
 * @param unanswered statements that the account may not run, with the server's words
 */
public record ServerFacts(
    Flavor flavor,
    String version,
    Map<String, String> variables,
    List<Map<String, String>> replicas,
    Map<String, String> log,
    Map<String, String> unanswered) {

  /** A variable's text; empty when the server does not have it. */
  Optional<String> variable(String name) {
    return Optional.ofNullable(variables.get(name));
  }

  /** Whether the server has the variable and it has another value than this one. */
  boolean differs(String name, String wanted) {
    return variable(name).filter(value -> !value.equalsIgnoreCase(wanted)).isPresent();
  }

  /** Whether a variable is ON, as servers write it in several ways. */
  boolean isOn(String name) {
    return variable(name)
        .map(value -> value.toUpperCase(Locale.ROOT))
        .filter(value -> value.equals("ON") || value.equals("1") || value.equals("YES"))
        .isPresent();
  }

  /** A variable's number; empty when the server does not have it or it is none. */
  Optional<Double> number(String name) {
    try {
      return variable(name).map(Double::parseDouble);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  boolean isReplica() {
    return !replicas.isEmpty();
  }

  /** Whether the server keeps and logs names of databases and tables in lower case. */
  boolean lowersNames() {
    return variables.getOrDefault("lower_case_table_names", "0").equals("1");
  }

  /** How the server compares names of databases and tables. */
  NameRule names() {
    return NameRule.of(variables.getOrDefault("lower_case_table_names", "0"));
  }

  /** A statement that sets a variable, also for the time after a restart where that can be done. */
  String set(String name, String value) {
    return flavor.statements().setGlobal(name, value);
  }

  /** What to write into the configuration file, as a comment. */
  static String configure(String setting) {
    return "-- in the server's configuration, then restart it: " + setting;
  }
}
