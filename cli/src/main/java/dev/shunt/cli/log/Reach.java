package dev.shunt.cli.log;

import dev.shunt.service.Redaction;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/**
 * Whether something listens where a verb is about to work. Clients try on for a minute and then
 * tell of a call that timed out; a person wants to know at once what is not there.
 */
final class Reach {
  private static final int WAIT_MILLIS = 3000;
  private static final Pattern COMMA = Pattern.compile(",");

  private Reach() {}

  /**
   * Looks for one of Kafka's brokers.
   *
   * @param servers comma list of host:port
   * @throws IllegalStateException when none of them listens
   */
  static void kafka(String servers) {
    boolean reached =
        COMMA
            .splitAsStream(servers)
            .map(one -> one.strip().replaceFirst("^[A-Za-z][A-Za-z0-9+.-]*://", ""))
            .anyMatch(Reach::listens);
    if (!reached) {
      throw new IllegalStateException(
          "no Kafka at %s; is `./shunt up` running? Another one is named by --kafka or"
                  .formatted(Redaction.ofList(servers))
              + " SHUNT_KAFKA_BOOTSTRAP_SERVERS");
    }
  }

  /**
   * Looks for the schema registry.
   *
   * @throws IllegalStateException when nothing listens there
   */
  static void registry(String url) {
    if (COMMA.splitAsStream(url).map(String::strip).noneMatch(Reach::registryListens)) {
      throw new IllegalStateException(
          "no schema registry at %s; is `./shunt up` running? Another one is named by --registry or"
                  .formatted(Redaction.ofList(url))
              + " SHUNT_KAFKA_REGISTRY_URL");
    }
  }

  private static boolean registryListens(String url) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      return true; // the client says better what is wrong with it
    }
    if (uri.getHost() == null) {
      return true; // as above
    }
    int port = uri.getPort() >= 0 ? uri.getPort() : ("https".equals(uri.getScheme()) ? 443 : 80);
    return listens(uri.getHost() + ":" + port);
  }

  private static boolean listens(String hostAndPort) {
    int colon = hostAndPort.lastIndexOf(':');
    try (Socket socket = new Socket()) {
      String host = hostAndPort.substring(0, Math.max(0, colon));
      if (host.startsWith("[") && host.endsWith("]")) {
        host = host.substring(1, host.length() - 1);
      }
      int port = Integer.parseInt(hostAndPort.substring(colon + 1));
      socket.connect(new InetSocketAddress(host, port), WAIT_MILLIS);
      return true;
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }
}
