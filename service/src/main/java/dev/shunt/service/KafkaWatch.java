package dev.shunt.service;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether Kafka answers, asked every two seconds. One line in the log when it goes and one when it
 * is back: the clients themselves are silent, or say it a hundred times a minute.
 */
public final class KafkaWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(KafkaWatch.class);
  private static final Duration EVERY = Duration.ofSeconds(2);
  private static final int PATIENCE_MILLIS = 4000;

  private final KafkaSettings kafka;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable Instant awaySince;

  /**
   * @param service in whose log it is
   */
  public KafkaWatch(String service, KafkaSettings kafka) {
    this.kafka = kafka;
    this.thread = Thread.ofVirtual().name("kafka-watch-" + service).unstarted(() -> run(service));
  }

  /** Begins to ask. Kafka is taken to be there until it was asked for the first time. */
  public void start() {
    thread.start();
  }

  /** A sentence that says where Kafka is missing since when; empty while it answers. */
  public Optional<String> away() {
    Instant since = awaySince;
    return since == null
        ? Optional.empty()
        : Optional.of("Kafka at %s does not answer since %s".formatted(address(), since));
  }

  /** Where it is looked for. */
  public String address() {
    return kafka.bootstrapServers();
  }

  private void run(String service) {
    Map<String, Object> settings = kafka.admin();
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
    try {
      do {
        try (Admin admin = Admin.create(settings)) {
          do {
            note(service, failure(admin));
          } while (!closing.await(EVERY.toMillis(), TimeUnit.MILLISECONDS));
        } catch (KafkaException e) { // such as names that nobody resolves at the moment
          note(service, String.valueOf(e.getMessage()));
        }
      } while (!closing.await(EVERY.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static @Nullable String failure(Admin admin) throws InterruptedException {
    try {
      boolean none = admin.describeCluster().nodes().get().isEmpty();
      return none ? "it has no broker" : null;
    } catch (ExecutionException e) {
      return Words.of(e);
    } catch (KafkaException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private void note(String service, @Nullable String failure) {
    Instant since = awaySince;
    if (failure != null && since == null) {
      awaySince = InstantSource.system().instant();
      log.atWarn()
          .addKeyValue("service", service)
          .addKeyValue("kafka", address())
          .addKeyValue("reason", failure)
          .log("Kafka does not answer; commands and events wait for it");
    } else if (failure == null && since != null) {
      awaySince = null;
      log.atInfo()
          .addKeyValue("service", service)
          .addKeyValue("kafka", address())
          .addKeyValue("awaySince", since)
          .log("Kafka answers again");
    }
  }

  @Override
  public void close() {
    closing.countDown();
  }
}
