package dev.shunt.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What one family of servers does in its own way stands in its {@code Flavor}. Nobody else asks
 * which one it is, so that another is added in one place.
 */
class FlavorTest {
  private static final String MYSQL = "dev.shunt.mysql.";

  private static final DescribedPredicate<JavaClass> PARTS =
      assignableTo(MYSQL + "Flavor")
          .or(assignableTo(MYSQL + "GtidPositions"))
          .or(assignableTo(MYSQL + "Position"))
          .or(assignableTo(MYSQL + "SessionStatements"))
          .or(assignableTo(MYSQL + "SqlDialect"))
          .or(assignableTo(MYSQL + "Catalog"))
          .or(assignableTo(MYSQL + "ReplicationStatements"))
          .or(assignableTo(MYSQL + "Privileges"))
          .or(assignableTo(MYSQL + "BinaryLog"));

  private static final DescribedPredicate<JavaClass> IMPLEMENTATIONS =
      PARTS.and(describe("is no interface", one -> !one.isInterface()));

  /** The list of all flavors, and the bytes of a GTID set. */
  private static final DescribedPredicate<JavaClass> INSIDE =
      IMPLEMENTATIONS.or(
          describe(
              "belongs to them",
              one -> Set.of(MYSQL + "Flavor", MYSQL + "GtidSetBytes").contains(one.getFullName())));

  /** How a branch on a family looks: on a constant, on a flag, on what a server says of itself. */
  private static final Pattern BRANCH =
      Pattern.compile(
          "[!=]=\\s*(?:\\w+\\.)*(?:MYSQL|MARIADB)(?:_\\d+)*\\b"
              + "|\\b(?:MYSQL|MARIADB)(?:_\\d+)*\\s*[!=]="
              + "|\\bcase\\s+(?:\\w+\\.)*(?:MYSQL|MARIADB)(?:_\\d+)*\\b"
              + "|\\bequals\\(\\s*(?:\\w+\\.)*(?:MYSQL|MARIADB)(?:_\\d+)*\\b"
              + "|\\b(?:flavor|engine)\\(\\)\\s*[!=]="
              + "|[!=]=\\s*[\\w.()]*\\b(?:flavor|engine)\\(\\)"
              + "|\\b[Bb]oolean\\s+(?:is)?(?:[mM]ariaDb|[mM]ySql|[mM]ysql|maria)\\b"
              + "|\\b(?i:contains|startsWith|equals|equalsIgnoreCase)\\(\"(?i:mysql56|mariadb)");

  /** Where a text or a flag tells what is to become a flavor, or what program was found. */
  private static final Set<String> TOLD_APART =
      Set.of(
          "embedded/src/main/java/dev/shunt/embedded/MySqlServer.java",
          "mysql/src/main/java/dev/shunt/mysql/MariaDbFlavor.java");

  @ParameterizedTest
  @ValueSource(strings = {"MYSQL", "MARIADB"})
  void nobodyNamesOne(String constant) {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(MYSQL + "Flavor")
        .should()
        .accessField(MYSQL + "Flavor", constant)
        .check(Project.MAIN);
  }

  @Test
  void nobodyKnowsTheImplementations() {
    assertThat(Project.MAIN.stream().filter(IMPLEMENTATIONS).map(JavaClass::getSimpleName))
        .contains("MysqlFlavor", "MariaDbFlavor", "MysqlPosition", "MariaDbPosition")
        .hasSizeGreaterThan(12);
    noClasses()
        .that(DescribedPredicate.not(INSIDE))
        .should()
        .dependOnClassesThat(IMPLEMENTATIONS)
        .check(Project.MAIN);
  }

  @Test
  void nobodyBranchesOnOne() throws IOException {
    Path root = Project.root();
    Set<String> found = new TreeSet<>();
    for (Path file : Project.sources("src/main/java")) {
      String name = root.relativize(file).toString();
      if (!TOLD_APART.contains(name)) {
        branches(file).forEach(line -> found.add(name + ": " + line.strip()));
      }
    }
    assertThat(found)
        .as("branches on a family of servers: ask its Flavor for what it does, and say it there")
        .isEmpty();
  }

  @Test
  void findsTheKind() {
    assertThat(
            List.of(
                "return connection.flavor() == Flavor.MARIADB",
                "if (Flavor.MYSQL != flavor) {",
                "case MYSQL -> \"gtid_executed\";",
                "case MARIADB_11_4 -> true;",
                "if (position.flavor() != server.flavor()) {",
                "if (flavor.equals(Flavor.MYSQL)) {",
                "  private final boolean mariaDb;",
                "  boolean isMariaDb() {",
                "if (connection.serverVersion().contains(\"MariaDB\")) {",
                "if (position.prefix().equals(\"MySQL56\")) {",
                "if (engine == Engine.MYSQL) {"))
        .allMatch(line -> BRANCH.matcher(line).find());
    assertThat(
            List.of(
                "case MARIADB_GTID -> mariaDbGtid(timestamp, server, in);",
                "Engine engine = Engine.MARIADB;",
                "connection.flavor().positions().takes(position)"))
        .noneMatch(line -> BRANCH.matcher(line).find());
  }

  private static List<String> branches(Path file) {
    try {
      return Files.readAllLines(file).stream().filter(line -> BRANCH.matcher(line).find()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
