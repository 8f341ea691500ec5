package dev.shunt.mysql;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** All that holds over TCP holds through a unix socket. */
@ParameterizedClass
@EnumSource(TestServer.class)
class UnixConnectionIT extends MysqlConnectionIT {
  @Override
  MysqlEndpoint line(MysqlEndpoint overTcp) {
    return overTcp.withSocket(server.shared().clientSocket().orElseThrow().toString());
  }

  @Override
  MysqlEndpoint elsewhere(MysqlEndpoint here) {
    return here.withSocket("/moved/mysql.sock");
  }

  @Override
  SocketAddress address(MysqlEndpoint here) {
    return UnixDomainSocketAddress.of(Objects.requireNonNull(here.socket()));
  }
}
