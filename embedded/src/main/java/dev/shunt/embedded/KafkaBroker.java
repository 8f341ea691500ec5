package dev.shunt.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * A Kafka broker and its KRaft controller, one node, inside this JVM.
 *
 * <p>Its cluster id stands beside the data, so a directory can be started again and again, on the
 * same port when one is given.
 */
public final class KafkaBroker implements AutoCloseable {
  private static final int NODE = 1;

  private final int port;
  private final KafkaRaftServer server;

  private KafkaBroker(int port, KafkaRaftServer server) {
    this.port = port;
    this.server = server;
  }

  /** Starts a broker on a new or used directory; port 0 takes a free one. */
  public static KafkaBroker start(Path directory, int port) {
    return start(directory, port, Map.of());
  }

  /**
   * Starts a broker.
   *
   * @param directory holds the log segments and the cluster id; created when missing
   * @param port client port on 127.0.0.1; 0 takes a free one
   * @param settings broker settings that replace the usual ones
   * @throws EmbeddedServerException when it does not start
   */
  public static KafkaBroker start(Path directory, int port, Map<String, String> settings) {
    int clientPort = Ports.orFree(port);
    Path data = directory.toAbsolutePath().normalize().resolve("data");
    try {
      boolean used = Files.exists(data);
      Files.createDirectories(data);
      int controllerPort = Ports.kept();
      Properties properties = properties(data, clientPort, controllerPort);
      properties.putAll(settings);
      format(clusterId(directory), data);
      if (StaleRegistration.isLeftIn(data)) {
        StaleRegistration.strikeOff(properties, NODE, controllerPort);
      }
      KafkaRaftServer server =
          new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
      server.startup();
      KafkaBroker broker = new KafkaBroker(clientPort, server);
      try {
        if (used) {
          HangingTransactions.end(clientPort);
        }
        return broker;
      } catch (RuntimeException | Error e) {
        broker.close();
        throw e;
      }
    } catch (Exception e) {
      throw new EmbeddedServerException(
          "the Kafka broker can't be started on port " + clientPort + " in " + directory, e);
    }
  }

  /** What clients take as {@code bootstrap.servers}. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  public int port() {
    return port;
  }

  /** Ends the broker in order; the data stays. */
  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }

  private static String clusterId(Path directory) throws IOException {
    Path file = directory.resolve("cluster.id");
    if (Files.exists(file)) {
      return Files.readString(file).strip();
    }
    String id = Uuid.randomUuid().toString();
    Files.writeString(file, id + "\n");
    return id;
  }

  private static void format(String clusterId, Path data) throws Exception {
    Formatter formatter = new Formatter();
    formatter.setClusterId(clusterId);
    formatter.setNodeId(NODE);
    formatter.setControllerListenerName("CONTROLLER");
    formatter.setMetadataLogDirectory(data.toString());
    formatter.addDirectory(data.toString());
    formatter.setPrintStream(
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    formatter.setIgnoreFormatted(true);
    formatter.setUnstableFeatureVersionsEnabled(false);
    formatter.run();
  }

  private static Properties properties(Path data, int clientPort, int controllerPort) {
    Properties properties = new Properties();
    properties.putAll(
        Map.of(
            "process.roles",
            "broker,controller",
            "node.id",
            Integer.toString(NODE),
            "controller.quorum.voters",
            NODE + "@127.0.0.1:" + controllerPort,
            "listeners",
            "PLAINTEXT://127.0.0.1:" + clientPort + ",CONTROLLER://127.0.0.1:" + controllerPort,
            "advertised.listeners",
            "PLAINTEXT://127.0.0.1:" + clientPort,
            "listener.security.protocol.map",
            "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names",
            "CONTROLLER",
            "inter.broker.listener.name",
            "PLAINTEXT",
            "log.dirs",
            data.toString()));
    for (String topic : new String[] {"offsets.topic", "transaction.state.log"}) {
      properties.put(topic + ".replication.factor", "1");
      properties.put(topic + ".num.partitions", "4");
    }
    properties.put("transaction.state.log.min.isr", "1");
    properties.put("share.coordinator.state.topic.replication.factor", "1");
    properties.put("share.coordinator.state.topic.min.isr", "1");
    properties.put("share.coordinator.state.topic.num.partitions", "2");
    properties.put("auto.create.topics.enable", "false");
    // Each of them looks for work three times a second, all day.
    properties.put("num.io.threads", "2");
    properties.put("num.network.threads", "1");
    properties.put("group.coordinator.threads", "1");
    // The default writes a record that says nothing twice a second.
    properties.put("metadata.max.idle.interval.ms", "5000");
    // The defaults take 128 MiB of heap for the cleaner and preallocate indexes for huge segments.
    properties.put("log.cleaner.dedupe.buffer.size", "4194304");
    properties.put("log.index.size.max.bytes", "1048576");
    properties.put("log.segment.bytes", "16777216");
    // Clients that died must free their transactions and partitions within seconds.
    properties.put("add.partitions.to.txn.retry.backoff.ms", "1");
    properties.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500");
    properties.put("group.initial.rebalance.delay.ms", "0");
    properties.put("group.min.session.timeout.ms", "1000");
    properties.put("group.consumer.min.session.timeout.ms", "1000");
    properties.put("group.consumer.session.timeout.ms", "2000");
    properties.put("group.consumer.min.heartbeat.interval.ms", "200");
    properties.put("group.consumer.heartbeat.interval.ms", "500");
    return properties;
  }
}
