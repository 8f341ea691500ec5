package dev.shunt.cli.check;

import dev.shunt.cli.render.GoJson;
import dev.shunt.local.JdbcUrl;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.tablet.preflight.Finding;
import dev.shunt.tablet.preflight.Preflight;
import dev.shunt.tablet.preflight.Role;
import dev.shunt.tablet.preflight.Scope;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code check}: runs the checklist of docs/preflight.md against a database. */
@Command(
    name = "check",
    description = {
      "Shows what a MySQL or MariaDB server, its database and its tables must be made before tables",
      "are moved from or to it. Prints an SQL script: findings as comments, what mends them as"
          + " statements.",
      "Ends with 1 when something would be refused. It changes nothing."
    },
    mixinStandardHelpOptions = true)
public final class CheckCommand implements Callable<Integer> {
  /** Which side of a move. */
  enum Side {
    SOURCE,
    TARGET,
    BOTH;

    private List<Role> roles() {
      return switch (this) {
        case SOURCE -> List.of(Role.SOURCE);
        case TARGET -> List.of(Role.TARGET);
        case BOTH -> List.of(Role.SOURCE, Role.TARGET);
      };
    }
  }

  @Option(
      names = "--mysql",
      required = true,
      paramLabel = "URL",
      description =
          "The database with the tablet's account: jdbc:mysql://host:port/database?user=U&password=P"
              + " or mysql://U:P@host:port/database.")
  String url = "";

  @Option(
      names = "--role",
      paramLabel = "source|target|both",
      description = "What it is to be (${DEFAULT-VALUE}).")
  Side role = Side.BOTH;

  @Option(
      names = "--tables",
      split = ",",
      paramLabel = "TABLE",
      description = "Look at these tables only; a source must have them.")
  List<String> tables = List.of();

  @Option(names = "--sidecar-db", description = "The tablet's own database (${DEFAULT-VALUE}).")
  String sidecar = "_vt";

  @Option(names = "--json", description = "Print the findings as a JSON array.")
  boolean json;

  @Spec @Nullable CommandSpec spec;

  private record Found(Role role, Finding finding) {}

  private CommandLine commandLine() {
    return Objects.requireNonNull(spec, "picocli sets it before the call").commandLine();
  }

  @Override
  public Integer call() {
    MysqlEndpoint endpoint = JdbcUrl.parse(url);
    List<Found> all = new ArrayList<>();
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      String database = Preflight.currentDatabase(connection);
      Scope scope =
          tables.isEmpty()
              ? Scope.all(database, sidecar)
              : Scope.of(database, sidecar, Set.copyOf(tables));
      List<String> missing = Preflight.missing(connection, scope);
      if (role != Side.TARGET && !missing.isEmpty()) {
        throw new ParameterException(
            commandLine(),
            "--tables: database %s has no table %s; for one that is to get them add --role target"
                .formatted(database, String.join(", ", missing)));
      }
      for (Role one : role.roles()) {
        for (Finding finding : Preflight.findings(connection, one, scope)) {
          if (all.stream().noneMatch(found -> found.finding().equals(finding))) {
            all.add(new Found(one, finding));
          }
        }
      }
    }
    PrintWriter out = commandLine().getOut();
    out.println(
        json ? GoJson.plain(all.stream().map(CheckCommand::map).toList()) : script(endpoint, all));
    out.flush();
    return all.stream().anyMatch(found -> found.finding().refuses()) ? 1 : 0;
  }

  private static Map<String, Object> map(Found found) {
    Finding finding = found.finding();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("role", found.role().name().toLowerCase(java.util.Locale.ROOT));
    map.put("id", finding.line().id());
    map.put("severity", finding.severity().name());
    map.put("subject", finding.subject());
    map.put("found", finding.found());
    map.put("why", finding.why());
    map.put("remedy", finding.remedy());
    return map;
  }

  private static String script(MysqlEndpoint endpoint, List<Found> all) {
    StringBuilder script = new StringBuilder();
    for (Found found : all) {
      Finding finding = found.finding();
      script
          .append("-- ")
          .append(finding.severity())
          .append(' ')
          .append(finding.line().id())
          .append(" (")
          .append(found.role().name().toLowerCase(java.util.Locale.ROOT))
          .append("): ")
          .append(oneLine(finding.found()))
          .append(":\n--   ")
          .append(finding.why())
          .append('\n');
      for (String statement : finding.remedy()) {
        script.append(statement).append(statement.startsWith("--") ? "\n" : ";\n");
      }
      script.append('\n');
    }
    long refused = all.stream().filter(found -> found.finding().refuses()).count();
    return script
        .append(
            "-- %s: %d refused, %d warning(s)"
                .formatted(endpoint.address(), refused, all.size() - refused))
        .toString();
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s+", " ");
  }
}
