package dev.shunt.local;

import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.mysql.Tls;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Reads the address of a user's database. */
public final class JdbcUrl {
  private JdbcUrl() {}

  /**
   * Reads {@code jdbc:mysql://host:port/database?user=U&password=P} (or {@code jdbc:mariadb:}); the
   * account may also stand in front of the host as {@code user:password@}. {@code sslMode}, {@code
   * sslCa}, {@code sslCert} and {@code sslKey} say how the line is protected, see {@link Tls}.
   *
   * @throws IllegalArgumentException when it is not of that form
   */
  public static MysqlEndpoint parse(String url) {
    if (!url.startsWith("jdbc:mysql://") && !url.startsWith("jdbc:mariadb://")) {
      throw new IllegalArgumentException(
          "not a JDBC address of MySQL or MariaDB (jdbc:mysql://host:port/database?user=U&password=P)");
    }
    URI uri = URI.create(url.substring("jdbc:".length()));
    Map<String, String> query = new HashMap<>();
    if (uri.getRawQuery() != null) {
      for (String pair : uri.getRawQuery().split("&", -1)) {
        int equals = pair.indexOf('=');
        if (equals > 0) {
          query.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
        }
      }
    }
    String user = query.getOrDefault("user", "");
    String password = query.getOrDefault("password", "");
    if (uri.getRawUserInfo() != null) {
      String[] account = uri.getRawUserInfo().split(":", 2);
      user = decode(account[0]);
      password = account.length > 1 ? decode(account[1]) : password;
    }
    String path = uri.getPath() == null ? "" : uri.getPath();
    if (uri.getHost() == null || user.isEmpty() || path.length() < 2) {
      throw new IllegalArgumentException(
          "the JDBC address must name host, database and user: jdbc:mysql://host:port/database?user=U&password=P");
    }
    return new MysqlEndpoint(
            uri.getHost(),
            uri.getPort() < 0 ? 3306 : uri.getPort(),
            user,
            Password.of(password),
            path.substring(1))
        .withTls(
            new Tls(
                Tls.Mode.of(query.getOrDefault("sslMode", "")),
                query.getOrDefault("sslCa", ""),
                query.getOrDefault("sslCert", ""),
                query.getOrDefault("sslKey", "")));
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
