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

/** Reads the address of a user's database. */
public final class JdbcUrl {
  private static final String FORM =
      "mysql://user:***@host:port/database or"
          + " jdbc:mysql://host:port/database?user=U&password=***";

  private static final List<String> SCHEMES =
      List.of("mysql://", "mariadb://", "jdbc:mysql://", "jdbc:mariadb://");

  private JdbcUrl() {}

  /**
   * Reads {@code mysql://user:password@host:port/database} or {@code
   * jdbc:mysql://host:port/database?user=U&password=P}, and both of {@code mariadb:}; the account
   * may stand at either place. {@code sslMode}, {@code sslCa}, {@code sslCert} and {@code sslKey}
   * say how the line is protected, see {@link Tls}. {@code socket}, or {@code localSocket} as
   * MariaDB's driver names it, is the path of a unix socket that is used instead of the port.
   *
   * @throws IllegalArgumentException when it is not of that form; the message has nothing of the
   *     address in it, as there may be a password in every part of what is malformed
   */
  public static MysqlEndpoint parse(String url) {
    if (SCHEMES.stream().noneMatch(url::startsWith)) {
      throw new IllegalArgumentException("not an address of MySQL or MariaDB: write " + FORM);
    }
    URI uri = uri(url.startsWith("jdbc:") ? url.substring("jdbc:".length()) : url);
    Map<String, String> query = query(uri);
    String user = query.getOrDefault("user", "");
    String password = query.getOrDefault("password", "");
    if (uri.getRawUserInfo() != null) {
      String[] account = uri.getRawUserInfo().split(":", 2);
      user = decode(account[0].replace("+", "%2B"));
      password = account.length > 1 ? decode(account[1].replace("+", "%2B")) : password;
    }
    String path = uri.getPath() == null ? "" : uri.getPath();
    if (uri.getHost() == null || user.isEmpty() || path.length() < 2) {
      throw new IllegalArgumentException(
          "the address must name host, database and user: write " + FORM);
    }
    return new MysqlEndpoint(
            uri.getHost(),
            uri.getPort() < 0 ? 3306 : uri.getPort(),
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

  /** The message of URISyntaxException repeats its input: neither it nor its cause is passed on. */
  private static URI uri(String text) {
    try {
      URI uri = new URI(text);
      if (uri.getRawFragment() == null) {
        return uri;
      }
    } catch (URISyntaxException _) {
      // told below
    }
    throw new IllegalArgumentException(
        "the address of the database is malformed: write "
            + FORM
            + "; of '#', '%', '@', '/', '?', '&' and blanks in a password write the hex code, for"
            + " instance %23");
  }

  private static Map<String, String> query(URI uri) {
    Map<String, String> query = new HashMap<>();
    if (uri.getRawQuery() != null) {
      for (String pair : uri.getRawQuery().split("&", -1)) {
        int equals = pair.indexOf('=');
        if (equals > 0) {
          query.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
        }
      }
    }
    return query;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
