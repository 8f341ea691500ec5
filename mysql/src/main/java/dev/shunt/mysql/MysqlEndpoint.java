package dev.shunt.mysql;

import org.jspecify.annotations.Nullable;

/**
 * Where a database server listens and who logs in.
 *
 * @param host name or address
 * @param port TCP port
 * @param socket path of the server's unix socket, through which its connections go instead; null
 *     for TCP
 * @param user account name
 * @param password the account's password
 * @param database the default database of connections; null for none
 * @param tls how the link is protected
 * @param gate what each of its connections must pass
 */
public record MysqlEndpoint(
    String host,
    int port,
    @Nullable String socket,
    String user,
    Password password,
    @Nullable String database,
    Tls tls,
    SessionGate gate) {

  public MysqlEndpoint {
    if (host.isBlank()) {
      throw new IllegalArgumentException("the database host is empty");
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("database port " + port + " is not between 1 and 65535");
    }
    if (socket != null && (socket.isBlank() || socket.indexOf('\0') >= 0)) {
      throw new IllegalArgumentException("the path of the database's socket is empty or malformed");
    }
  }

  /** An endpoint with TLS where the server offers it, whose connections pass no gate. */
  public MysqlEndpoint(
      String host, int port, String user, Password password, @Nullable String database) {
    this(host, port, null, user, password, database, Tls.PREFERRED, SessionGate.OPEN);
  }

  /** The same server and account with another default database, or none. */
  public MysqlEndpoint withDatabase(@Nullable String newDatabase) {
    return new MysqlEndpoint(host, port, socket, user, password, newDatabase, tls, gate);
  }

  /** The same server and account through a unix socket, or over TCP where it is null. */
  public MysqlEndpoint withSocket(@Nullable String path) {
    return new MysqlEndpoint(host, port, path, user, password, database, tls, gate);
  }

  /** The same server and account over a link that is protected in another way. */
  public MysqlEndpoint withTls(Tls newTls) {
    return new MysqlEndpoint(host, port, socket, user, password, database, newTls, gate);
  }

  /** The same with connections that must pass a gate. */
  public MysqlEndpoint withGate(SessionGate newGate) {
    return new MysqlEndpoint(host, port, socket, user, password, database, tls, newGate);
  }

  /** Where connections go, for messages: the path of the socket or {@code host:port}. */
  public String address() {
    return socket != null ? socket : host + ":" + port;
  }
}
