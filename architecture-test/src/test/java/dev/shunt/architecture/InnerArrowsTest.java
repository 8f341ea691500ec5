package dev.shunt.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Keeps the arrows between the packages inside the modules that have many. A package may use what
 * stands before it in its module's list, and of that only what its line names; so none goes round
 * in a circle.
 */
class InnerArrowsTest {
  /** What stands for the classes right in a module's own package. */
  private static final String ITSELF = "itself";

  /** What the parts of a tablet share, right in its own package beside what wires them. */
  private static final String PORTS = "ports";

  private static final Set<String> PORT_CLASSES =
      Set.of(
          "StreamSink",
          "RpcException",
          "TabletIdentity",
          "Throttler",
          "ThrottlerSettings",
          "VReplicationEngine",
          "VStreamer");

  /** By module, for each package those that it may use. */
  private static final Map<String, Map<String, List<String>>> ARROWS =
      Map.of("tablet", tablet(), "workflow", workflow(), "command", command());

  /** What packages use in truth: for each pair that does, the classes by which it does. */
  private static final Map<String, Map<String, Map<String, Set<String>>>> USES = new TreeMap<>();

  private static Map<String, List<String>> tablet() {
    Map<String, List<String>> arrows = new LinkedHashMap<>();
    arrows.put(PORTS, List.of());
    arrows.put("database", List.of(PORTS));
    arrows.put("ownership", List.of(PORTS));
    arrows.put("rpc", List.of(PORTS));
    arrows.put("preflight", List.of(PORTS, "database", "rpc"));
    arrows.put("schema", List.of(PORTS));
    arrows.put("sql", List.of());
    arrows.put("query", List.of(PORTS, "database", "rpc", "sql"));
    arrows.put("manager", List.of(PORTS, "database", "rpc", "sql", "query"));
    arrows.put("vreplication.stream", List.of(PORTS, "database"));
    arrows.put(
        "vreplication.writing", List.of(PORTS, "preflight", "schema", "vreplication.stream"));
    arrows.put(
        "vreplication.applying",
        List.of(PORTS, "database", "schema", "vreplication.stream", "vreplication.writing"));
    arrows.put(
        "vreplication.copying",
        List.of(PORTS, "schema", "vreplication.stream", "vreplication.writing"));
    arrows.put(
        "vreplication",
        List.of(
            PORTS,
            "database",
            "vreplication.stream",
            "vreplication.writing",
            "vreplication.applying",
            "vreplication.copying"));
    arrows.put("vstreamer.binlog", List.of("schema"));
    arrows.put(
        "vstreamer", List.of(PORTS, "rpc", "preflight", "schema", "query", "vstreamer.binlog"));
    arrows.put(
        ITSELF,
        List.of(
            PORTS,
            "database",
            "ownership",
            "rpc",
            "preflight",
            "query",
            "manager",
            "vreplication",
            "vstreamer"));
    return arrows;
  }

  private static Map<String, List<String>> workflow() {
    Map<String, List<String>> arrows = new LinkedHashMap<>();
    arrows.put(ITSELF, List.of());
    arrows.put("sharding", List.of(ITSELF));
    arrows.put("migration", List.of(ITSELF, "sharding"));
    arrows.put("routing", List.of("migration", "sharding"));
    arrows.put("plan", List.of(ITSELF, "migration", "routing", "sharding"));
    arrows.put("sql.lexer", List.of());
    arrows.put("sql", List.of("sharding", "sql.lexer"));
    arrows.put("foreignkeys", List.of("sharding", "sql.lexer", "sql"));
    arrows.put("streams", List.of(ITSELF, "migration", "sharding", "sql"));
    arrows.put("lifecycle", List.of(ITSELF, "sharding", "streams"));
    return arrows;
  }

  private static Map<String, List<String>> command() {
    Map<String, List<String>> arrows = new LinkedHashMap<>();
    arrows.put("refusing", List.of());
    arrows.put("reading", List.of("refusing"));
    arrows.put("cluster", List.of("refusing", "reading"));
    arrows.put("http", List.of("reading"));
    arrows.put("sending", List.of("refusing", "reading"));
    arrows.put(ITSELF, List.of("refusing", "reading", "cluster", "http", "sending"));
    return arrows;
  }

  static Iterable<String> modules() {
    return new TreeSet<>(ARROWS.keySet());
  }

  @BeforeAll
  static void load() {
    for (String module : modules()) {
      Map<String, Map<String, Set<String>>> uses = new TreeMap<>();
      for (JavaClass each : Project.MAIN) {
        if (!isIn(module, each)) {
          continue;
        }
        uses.computeIfAbsent(packageOf(module, each), _ -> new TreeMap<>());
        for (Dependency dependency : each.getDirectDependenciesFromSelf()) {
          JavaClass used = dependency.getTargetClass().getBaseComponentType();
          if (isIn(module, used)) {
            uses.computeIfAbsent(packageOf(module, each), _ -> new TreeMap<>())
                .computeIfAbsent(packageOf(module, used), _ -> new TreeSet<>())
                .add(each.getSimpleName() + " uses " + used.getSimpleName());
          }
        }
      }
      uses.forEach((from, to) -> to.remove(from));
      USES.put(module, uses);
    }
  }

  private static boolean isIn(String module, JavaClass used) {
    String name = used.getPackageName();
    return name.equals("dev.shunt." + module) || name.startsWith("dev.shunt." + module + ".");
  }

  /** The package of a class, without what all packages of the module begin with. */
  private static String packageOf(String module, JavaClass each) {
    String root = "dev.shunt." + module;
    if (!each.getPackageName().equals(root)) {
      return each.getPackageName().substring(root.length() + 1);
    }
    String outermost = each.getName().substring(root.length() + 1).split("\\$", 2)[0];
    return module.equals("tablet") && PORT_CLASSES.contains(outermost) ? PORTS : ITSELF;
  }

  private static Map<String, List<String>> arrows(String module) {
    return ARROWS.getOrDefault(module, Map.of());
  }

  private static Map<String, Map<String, Set<String>>> uses(String module) {
    return USES.getOrDefault(module, Map.of());
  }

  @ParameterizedTest
  @MethodSource("modules")
  void namesEveryPackage(String module) {
    assertThat(arrows(module).keySet()).containsExactlyInAnyOrderElementsOf(uses(module).keySet());
  }

  @ParameterizedTest
  @MethodSource("modules")
  void usesOnlyWhatItsArrowsAllow(String module) {
    List<String> forbidden = new ArrayList<>();
    uses(module)
        .forEach((from, used) ->
            used.forEach((to, classes) -> {
              if (!arrows(module).getOrDefault(from, List.of()).contains(to)) {
                forbidden.add(from + " → " + to + ": " + classes);
              }
            }));

    assertThat(forbidden).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void arrowsGoOnlyToWhatStandsBefore(String module) {
    Set<String> before = new LinkedHashSet<>();
    arrows(module)
        .forEach((from, allowed) -> {
          assertThat(before).as("before " + from).containsAll(allowed);
          before.add(from);
        });
  }

  @ParameterizedTest
  @MethodSource("modules")
  void hasNoArrowThatNothingNeeds(String module) {
    List<String> idle = new ArrayList<>();
    arrows(module)
        .forEach((from, allowed) ->
            allowed.stream()
                .filter(to -> !uses(module).getOrDefault(from, Map.of()).containsKey(to))
                .forEach(to -> idle.add(from + " → " + to)));

    assertThat(idle).isEmpty();
  }
}
