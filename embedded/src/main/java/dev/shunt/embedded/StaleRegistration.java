package dev.shunt.embedded;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.utils.Time;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a broker that was killed leaves behind: the cluster's metadata still call it alive and the
 * leader of every partition.
 *
 * <p>Started on such metadata a broker begins at once to end the transactions that were open, some
 * seconds before the controller finds out that the old broker is gone and takes all leaders away.
 * The end of a transaction whose partition has no leader at that moment is never written there,
 * while the coordinator calls it complete (KAFKA-20734; in 4.3.1 and 4.4.0): nobody reads committed
 * records behind it any more. So the old broker is struck off first, by a controller that runs
 * alone; this also spares the wait for the end of its session.
 */
final class StaleRegistration {
  private static final Logger log = LoggerFactory.getLogger(StaleRegistration.class);
  private static final int WAIT_SECONDS = 60;
  private static final int PAUSE_MILLIS = 50;

  private StaleRegistration() {}

  /** Whether a broker ran on this directory and did not stop in order. */
  static boolean isLeftIn(Path data) {
    return Files.exists(data.resolve("__cluster_metadata-0"))
        && !Files.exists(data.resolve(".kafka_cleanshutdown"));
  }

  /**
   * Strikes the broker off.
   *
   * @param broker settings that the broker will be started with
   * @param node its id
   * @param controllerPort port of the controller on 127.0.0.1
   * @throws EmbeddedServerException when the controller does not do it within a minute
   */
  static void strikeOff(Properties broker, int node, int controllerPort) {
    long began = System.nanoTime();
    Properties controller = new Properties();
    controller.putAll(broker);
    controller.remove("advertised.listeners");
    controller.remove("inter.broker.listener.name");
    String address = "127.0.0.1:" + controllerPort;
    controller.put("process.roles", "controller");
    controller.put("listeners", "CONTROLLER://" + address);
    KafkaRaftServer server =
        new KafkaRaftServer(KafkaConfig.fromProps(controller, false), Time.SYSTEM);
    server.startup();
    try (Admin admin =
        Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_CONTROLLERS_CONFIG, address))) {
      unregister(admin, node, began + TimeUnit.SECONDS.toNanos(WAIT_SECONDS));
    } catch (ExecutionException e) {
      throw new EmbeddedServerException("the broker that was killed can't be struck off", e);
    } catch (TimeoutException e) {
      throw new EmbeddedServerException(
          "the broker that was killed was not struck off within " + WAIT_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedServerException("interrupted while Kafka starts", e);
    } finally {
      server.shutdown();
      server.awaitShutdown();
    }
    log.atInfo()
        .addKeyValue("millis", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began))
        .log("Kafka was killed when it ran last; its former life is struck off");
  }

  /**
   * Asks again while the controller does not know its own version: until it has read the metadata
   * it answers as one of the first versions would, which takes no calls of administrators.
   */
  private static void unregister(Admin admin, int node, long deadline)
      throws ExecutionException, TimeoutException, InterruptedException {
    while (true) {
      try {
        admin
            .unregisterBroker(node)
            .all()
            .get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        return;
      } catch (ExecutionException e) {
        if (e.getCause() instanceof BrokerIdNotRegisteredException) {
          return;
        }
        if (!(e.getCause() instanceof UnsupportedVersionException)
            || System.nanoTime() - deadline > 0) {
          throw e;
        }
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
  }
}
