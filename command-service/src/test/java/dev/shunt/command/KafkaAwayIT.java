package dev.shunt.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.shunt.embedded.KafkaBroker;
import dev.shunt.schemas.Topics;
import dev.shunt.service.KafkaSettings;
import dev.shunt.service.KafkaWatch;
import dev.shunt.service.TopoSettings;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.vitess.proto.Topodata;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/** What callers and the log learn when Kafka goes and comes back. */
class KafkaAwayIT {
  private final Logger logger = (Logger) LoggerFactory.getLogger(KafkaWatch.class);
  private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

  @TempDir Path directory;
  private KafkaBroker broker;

  @BeforeEach
  void start() {
    broker = KafkaBroker.start(directory.resolve("kafka"), 0);
    logger.setLevel(Level.INFO);
    appender.start();
    logger.addAppender(appender);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(appender);
    logger.setLevel(null);
    broker.close();
  }

  private List<String> lines() {
    List<ILoggingEvent> events;
    synchronized (appender) { // as who appends does
      events = List.copyOf(appender.list);
    }
    return events.stream()
        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
        .toList();
  }

  private static HttpResponse<String> get(CommandService service, String path)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.httpPort() + path))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private static void cancel(VtctldGrpc.VtctldBlockingStub vtctld) {
    var unused =
        vtctld
            .withDeadlineAfter(90, TimeUnit.SECONDS)
            .workflowDelete(
                Vtctldata.WorkflowDeleteRequest.newBuilder()
                    .setKeyspace("customer")
                    .setWorkflow("c2c")
                    .build());
  }

  @Test
  void isToldToCallersAndOnceOnTheLogAndSoIsItsReturn() throws Exception {
    try (Topo topo = Topos.local(directory.resolve("topo"));
        TabletClients tablets = TabletClients.grpc(TabletClientConfig.DEFAULT);
        CommandService service =
            CommandService.over(
                new CommandServiceConfig(
                    "127.0.0.1",
                    0,
                    0,
                    KafkaSettings.defaults()
                        .at(broker.bootstrapServers(), "")
                        .withPartitions(Topics.EMBEDDED_PARTITIONS),
                    TopoSettings.defaults(),
                    true,
                    Duration.ofSeconds(60)),
                topo,
                tablets)) {
      topo.createKeyspace("customer", Topodata.Keyspace.getDefaultInstance());
      topo.createShard("customer", "0");
      service.start();
      ManagedChannel channel =
          NettyChannelBuilder.forTarget("127.0.0.1:" + service.grpcPort()).usePlaintext().build();
      VtctldGrpc.VtctldBlockingStub vtctld = VtctldGrpc.newBlockingStub(channel);
      try {
        assertThat(get(service, "/readyz").statusCode()).isEqualTo(200);
        String address = broker.bootstrapServers();
        int port = broker.port();
        broker.close();

        assertThatThrownBy(() -> cancel(vtctld))
            .hasMessageStartingWith("UNAVAILABLE: Kafka at " + address)
            .message()
            .containsAnyOf("nothing was sent", "may have been sent");
        await()
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(() -> {
              HttpResponse<String> ready = get(service, "/readyz");
              assertThat(ready.statusCode()).isEqualTo(503);
              assertThat(ready.body()).contains("Kafka at " + address + " does not answer since");
            });
        assertThat(get(service, "/healthz").statusCode()).isEqualTo(200);
        assertThatThrownBy(() -> cancel(vtctld))
            .hasMessageStartingWith("UNAVAILABLE: Kafka at " + address)
            .hasMessageEndingWith("nothing was sent");
        await()
            .during(Duration.ofSeconds(7)) // it is looked for several times
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(() -> assertThat(lines()).hasSize(1));

        broker = KafkaBroker.start(directory.resolve("kafka"), port);

        await()
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(() -> assertThat(get(service, "/readyz").statusCode()).isEqualTo(200));
        await()
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(() ->
                assertThat(lines())
                    .containsExactly(
                        "WARN Kafka does not answer; commands and events wait for it",
                        "INFO Kafka answers again"));
      } finally {
        channel.shutdownNow();
      }
    }
  }
}
