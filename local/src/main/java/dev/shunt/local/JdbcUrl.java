package dev.shunt.local;

import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.mysql.Tls;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the address of a user's database. */
public final class JdbcUrl {
  private static final String FORM =
      "mysql://user:***@host:port/database or"
          + " jdbc:mysql://host:port/database?user=U&password=***";

  private static final List<String> SCHEMES =
      List.of("mysql://", "mariadb://", "jdbc:mysql://", "jdbc:mariadb://");

  private static final List<String> SETTINGS =
      List.of("user", "password", "sslMode", "sslCa", "sslCert", "sslKey", "socket", "localSocket");

  /** Unlike a URI's own host, one may have a '_' in its name, as the services of Compose do. */
  private static final Pattern AUTHORITY =
      Pattern.compile("(?:([^@]*)@)?(\\[[^]]+]|[\\w.-]+)(?::(\\d{0,9}))?");

  private JdbcUrl() {}

  /**
   * Reads {@code mysql://user:password@host:port/database} or {@code
   * jdbc:mysql://host:port/database?user=U&password=P}, and both of {@code mariadb:}; the account
   * may stand at either place. {@code sslMode}, {@code sslCa}, {@code sslCert} and {@code sslKey}
   * say how the line is protected, see {@link Tls}. {@code socket}, or {@code localSocket} as
   * MariaDB's driver names it, is the path of a unix socket that is used instead of the port. Names
   * of settings are taken in any case, and others than these are refused: one that is not known may
   * be a wish for protection.
   *
   * @throws IllegalArgumentException when it is not of that form; the message has nothing of the
   *     address in it but a setting's name where that can't be a part of a password, as there may
   *     be one in every part of what is malformed
   */
  public static MysqlEndpoint parse(String url) {
    if (SCHEMES.stream().noneMatch(url::startsWith)) {
      throw new IllegalArgumentException("not an address of MySQL or MariaDB: write " + FORM);
    }
    URI uri = uri(url.startsWith("jdbc:") ? url.substring("jdbc:".length()) : url);
    Matcher authority = AUTHORITY.matcher(Objects.requireNonNullElse(uri.getRawAuthority(), ""));
    String path = Objects.requireNonNullElse(uri.getPath(), "");
    if (!authority.matches() || path.length() < 2) {
      throw incomplete();
    }
    Map<String, String> query = query(Objects.requireNonNullElse(uri.getRawQuery(), ""));
    String user = query.getOrDefault("user", "");
    String password = query.getOrDefault("password", "");
    if (authority.group(1) != null) {
      String[] account = authority.group(1).split(":", 2);
      user = decode(account[0]);
      password = account.length > 1 ? decode(account[1]) : password;
    }
    if (user.isEmpty()) {
      throw incomplete();
    }
    String port = Objects.requireNonNullElse(authority.group(3), "");
    return new MysqlEndpoint(
            authority.group(2),
            port.isEmpty() ? 3306 : Integer.parseInt(port),
            user,
            Password.of(password),
            path.substring(1))
        .withSocket(query.getOrDefault("socket", query.get("localSocket")))
        .withTls(
            new Tls(
                Tls.Mode.of(query.getOrDefault("sslMode", "")),
                query.getOrDefault("sslCa", ""),
                query.getOrDefault("sslCert", ""),
                query.getOrDefault("sslKey", "")));
  }

  private static IllegalArgumentException incomplete() {
    return new IllegalArgumentException(
        "the address must name host, database and user: write " + FORM);
  }

  /** The message of URISyntaxException repeats its input: neither it nor its cause is passed on. */
  private static URI uri(String text) {
    try {
      URI uri = new URI(text);
      if (uri.getRawFragment() == null) {
        return uri;
      }
    } catch (URISyntaxException _) {
      // reported below
    }
    throw new IllegalArgumentException(
        "the address of the database is malformed: write "
            + FORM
            + "; of '#', '%', '@', '/', '?', '&' and blanks in a password write the hex code, for"
            + " instance %23");
  }

  private static Map<String, String> query(String text) {
    Map<String, String> query = new HashMap<>();
    for (String pair : text.split("&", -1)) {
      if (pair.isEmpty()) {
        continue;
      }
      String[] parts = pair.split("=", 2);
      String name = decode(parts[0]);
      String setting =
          SETTINGS.stream()
              .filter(name::equalsIgnoreCase)
              .findFirst()
              .orElseThrow(
                  () -> unknown(query.containsKey("password") || text.contains("@") ? "" : name));
      // A password has its plus signs as they are at either place.
      boolean ofAccount = setting.equals("user") || setting.equals("password");
      String value = parts.length < 2 ? "" : parts[1];
      value = ofAccount ? decode(value) : URLDecoder.decode(value, StandardCharsets.UTF_8);
      if (value.isEmpty() && !setting.equals("password")) {
        throw new IllegalArgumentException(setting + " has no value in the address");
      }
      if (query.put(setting, value) != null) {
        throw new IllegalArgumentException(setting + " stands twice in the address");
      }
    }
    return query;
  }

  /**
   * Refuses a setting.
   *
   * @param name empty where it may be a part of a password
   */
  private static IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException(
        "unknown setting%s in the address: there are %s; of '&' in a password write %%26"
            .formatted(name.isEmpty() ? "" : " '" + name + "'", String.join(", ", SETTINGS)));
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
