package dev.shunt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The {@code shunt} script in a folder of its own, with a Maven and a JDK that only tell. */
class ScriptTest {
  private static final String RUNS = "java runs";

  @TempDir Path directory;
  private Path home;

  private static Path root() {
    Path at = Path.of("").toAbsolutePath();
    while (!Files.exists(at.resolve("shunt"))) {
      at = at.getParent();
    }
    return at;
  }

  private static void program(Path file, String script) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @BeforeEach
  void makeFolder() throws IOException {
    directory = directory.toRealPath();
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    home = directory.resolve("home");
    program(home.resolve("shunt"), Files.readString(root().resolve("shunt")));
    program(
        home.resolve("mvnw"),
        """
        home=$(dirname "$0")
        if [ "$1" = --jdk ]; then
          echo "$home/jdk"
          exit
        fi
        echo built >>"$home/builds"
        mkdir -p "$home/cli/target"
        touch "$home/cli/target/cli-1.jar" "$home/library.jar"
        echo "$home/library.jar" >"$home/cli/target/classpath"
        """);
    program(home.resolve("jdk/bin/java"), "echo \"" + RUNS + " with LC_ALL=${LC_ALL:-} $*\"\n");
  }

  private static String run(Map<String, String> environment, String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("LC_") || name.equals("LANG"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  private static String run(Path script) throws Exception {
    return run(Map.of(), script.toString(), "getkeyspaces");
  }

  private static List<String> builds(Path home) throws IOException {
    return Files.readAllLines(home.resolve("builds"));
  }

  @Test
  void buildsOnce() throws Exception {
    assertThat(run(home.resolve("shunt"))).contains("building", RUNS);
    assertThat(run(home.resolve("shunt"))).startsWith(RUNS);

    assertThat(builds(home)).hasSize(1);
  }

  @Test
  void buildsAgainWhenItsFolderWasMoved() throws Exception {
    run(home.resolve("shunt"));
    Path moved = Files.move(home, directory.resolve("moved"));

    assertThat(run(moved.resolve("shunt"))).contains("building", moved + "/library.jar");

    assertThat(builds(moved)).hasSize(2);
  }

  @Test
  void buildsAgainWhenALibraryIsGone() throws Exception {
    run(home.resolve("shunt"));
    Files.delete(home.resolve("library.jar"));

    run(home.resolve("shunt"));

    assertThat(builds(home)).hasSize(2);
  }

  @Test
  void runsByALink() throws Exception {
    Path bin = Files.createDirectory(directory.resolve("bin"));
    Path link = Files.createSymbolicLink(bin.resolve("shunt"), Path.of("..").resolve("home/shunt"));

    assertThat(run(link)).contains(RUNS, "-Dshunt.home=" + home + " ");
  }

  /** Root may write everywhere, so somebody else runs it then. */
  @Test
  void runsWhatSomebodyElseBuilt() throws Exception {
    run(home.resolve("shunt"));
    Path target = home.resolve("cli/target");
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("r-xr-xr-x"));
    Files.setPosixFilePermissions(
        target.resolve("build.lock"), PosixFilePermissions.fromString("r--r--r--"));
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      command.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
    }
    command.addAll(List.of(home.resolve("shunt").toString(), "getkeyspaces"));
    try {
      assertThat(run(Map.of(), command.toArray(String[]::new))).startsWith(RUNS);
    } finally {
      Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    assertThat(builds(home)).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "PATH, C.UTF-8", // none at all
    "LANG=C, C.UTF-8",
    "LC_ALL=POSIX;LANG=C.UTF-8, C.UTF-8",
    "LANG=xx_XX.UTF-8, C.UTF-8", // as a login from elsewhere brings it
    "LANG=C.UTF-8,",
    "LC_ALL=C.UTF-8;LANG=C, C.UTF-8",
    "LC_CTYPE=C.UTF-8;LANG=C,",
  })
  void hasACharacterSetWithAllSigns(String given, String all) throws Exception {
    Map<String, String> environment = new HashMap<>();
    for (String one : given.split(";", -1)) {
      if (one.contains("=")) {
        environment.put(one.substring(0, one.indexOf('=')), one.substring(one.indexOf('=') + 1));
      }
    }

    assertThat(run(environment, home.resolve("shunt").toString(), "getkeyspaces"))
        .contains(RUNS + " with LC_ALL=" + (all == null ? "" : all) + " ");
  }

  @Test
  void fetchesNoMysqlWhereOneIsNamed() throws Exception {
    program(home.resolve("bin/mysqld"), "exit 1\n");

    assertThat(
            run(
                Map.of("SHUNT_MYSQL_HOME", home.toString()),
                root().resolve("deploy/tools/get-mysql.sh").toString()))
        .isEqualTo("MySQL is in " + home + "\n");
  }

  @Test
  void hasTheLineEndsOfAShellInEveryClone() throws IOException {
    assertThat(Files.readAllLines(root().resolve(".gitattributes"))).contains("* text=auto eol=lf");
  }
}
