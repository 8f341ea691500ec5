package dev.shunt.bench.server;

import dev.shunt.mysql.Tls;
import dev.shunt.service.Secret;
import dev.shunt.tablet.StreamingParts;
import dev.shunt.tablet.Tablet;
import dev.shunt.tablet.TabletConfig;
import dev.shunt.tablet.TlsSettings;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * A tablet as this process. It prints {@code serving PORT}, then answers lines on standard input:
 * {@value #RESET} lets the peak of the heap begin anew, {@value #PEAK} asks for it in bytes. Ends
 * with its input.
 */
public final class TabletMain {
  static final String SERVING = "serving";
  static final String RESET = "reset";
  static final String PEAK = "peak";

  private static final Duration STREAM_RETRY = Duration.ofSeconds(1);

  private TabletMain() {}

  /**
   * Arguments: number of the tablet, keyspace, folder of its topology, port, user, password and
   * unix socket of its database server on 127.0.0.1; an empty socket for TCP.
   */
  public static void main(String[] arguments) throws IOException {
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // as in every process of Shunt
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    // Whatever else is printed must not fill a pipe that is only read for answers.
    System.setOut(System.err);
    TabletConfig config =
        TabletConfig.defaults(Integer.parseInt(arguments[0]), arguments[1], TabletProcess.SHARD)
            .withMysql(
                "127.0.0.1", Integer.parseInt(arguments[3]), arguments[4], new Secret(arguments[5]))
            .withSocket(arguments[6])
            .withTls(TlsSettings.of(Tls.DISABLED)); // as the clients that it is measured beside
    try (Topo topo = Topos.local(Path.of(arguments[2]));
        TabletClients clients = TabletClients.grpc(TabletClientConfig.DEFAULT);
        Tablet tablet = new Tablet(config, topo, new StreamingParts(clients, STREAM_RETRY))) {
      tablet.start();
      out.println(SERVING + " " + tablet.grpcPort());
      answer(
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)),
          out,
          heapPools());
    }
    System.exit(0);
  }

  private static void answer(BufferedReader in, PrintStream out, List<MemoryPoolMXBean> heap)
      throws IOException {
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      switch (line) {
        case RESET -> {
          heap.forEach(MemoryPoolMXBean::resetPeakUsage);
          out.println("ok");
        }
        case PEAK ->
            out.println(heap.stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum());
        default -> out.println("unknown");
      }
    }
  }

  private static List<MemoryPoolMXBean> heapPools() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .toList();
  }
}
