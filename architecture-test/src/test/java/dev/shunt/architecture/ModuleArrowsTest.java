package dev.shunt.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keeps the arrows between the modules as docs/ARCHITECTURE.md draws them. */
class ModuleArrowsTest {
  /** Which modules a module may use, by the last part of its package name. */
  private static final Map<String, List<String>> ARROWS = arrows();

  private static Map<String, List<String>> arrows() {
    Map<String, List<String>> arrows = new LinkedHashMap<>();
    arrows.put("schemas", List.of());
    arrows.put("workflow", List.of("schemas"));
    arrows.put("net", List.of());
    arrows.put("time", List.of());
    arrows.put("topo", List.of("time"));
    arrows.put("mysql", List.of());
    arrows.put("embedded", List.of());
    arrows.put("tabletclient", List.of("topo", "net"));
    arrows.put("service", List.of("schemas"));
    arrows.put(
        "tablet",
        List.of("topo", "workflow", "schemas", "mysql", "tabletclient", "service", "net"));
    arrows.put("client", List.of("schemas", "workflow"));
    arrows.put("cluster", List.of("schemas", "workflow", "topo", "tabletclient", "time"));
    arrows.put("registry", List.of("schemas", "net"));
    arrows.put(
        "saga",
        List.of("schemas", "workflow", "service", "topo", "tabletclient", "cluster", "time"));
    List<String> saga =
        List.of(
            "saga", "schemas", "workflow", "service", "topo", "tabletclient", "cluster", "time");
    arrows.put("copy", saga);
    arrows.put("switcher", saga);
    arrows.put("vdiff", saga);
    arrows.put("workflowstate", List.of("schemas", "workflow", "service", "time"));
    arrows.put("topowatcher", List.of("schemas", "service", "topo", "tabletclient", "cluster"));
    arrows.put(
        "command",
        List.of(
            "client",
            "schemas",
            "workflow",
            "service",
            "topo",
            "tabletclient",
            "cluster",
            "registry",
            "net"));
    arrows.put("router", List.of("topo", "tabletclient", "workflow"));
    arrows.put(
        "bench",
        List.of(
            "embedded",
            "mysql",
            "topo",
            "tabletclient",
            "tablet",
            "service",
            "schemas",
            "client",
            "net",
            "registry",
            "saga",
            "workflowstate",
            "router",
            "local",
            "time"));
    return arrows;
  }

  static Iterable<String> modules() {
    return ARROWS.keySet();
  }

  @Test
  void seesTheClassesOfEveryModule() {
    for (String module : ARROWS.keySet()) {
      assertThat(Project.MAIN.stream().anyMatch(c -> inModule(c.getPackageName(), module)))
          .as("classes of " + module)
          .isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("modules")
  void usesOnlyWhatItsArrowsAllow(String module) {
    List<String> allowed = ARROWS.get(module);
    String[] forbidden =
        allModules().stream()
            .filter(other -> !other.equals(module) && !allowed.contains(other))
            .map(other -> "dev.shunt." + other + "..")
            .toArray(String[]::new);

    noClasses()
        .that()
        .resideInAPackage("dev.shunt." + module + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(forbidden)
        .check(Project.MAIN);
  }

  @Test
  void keepsInputAndOutputAndTheClockOutOfTheDomain() {
    noClasses()
        .that()
        .resideInAPackage("dev.shunt.workflow..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.io..",
            "java.net..",
            "java.nio.file..",
            "java.util.concurrent..",
            "org.apache.kafka..",
            "io.grpc..")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .check(Project.MAIN);
  }

  private static List<String> allModules() {
    return List.of(
        "schemas",
        "workflow",
        "net",
        "time",
        "topo",
        "mysql",
        "embedded",
        "tabletclient",
        "cluster",
        "service",
        "registry",
        "tablet",
        "client",
        "saga",
        "copy",
        "switcher",
        "vdiff",
        "workflowstate",
        "topowatcher",
        "command",
        "router",
        "local",
        "bench",
        "cli");
  }

  private static boolean inModule(String packageName, String module) {
    return packageName.equals("dev.shunt." + module)
        || packageName.startsWith("dev.shunt." + module + ".");
  }
}
