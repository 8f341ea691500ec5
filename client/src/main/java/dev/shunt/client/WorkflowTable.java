package dev.shunt.client;

import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.StatusJoiner;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.UndecodableException;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state of all workflows with their streams, kept in memory by following shunt.workflows and
 * shunt.workflows.shards. Reads cost no network; {@link #freshness} tells how old they may be. Any
 * number of threads may use one.
 *
 * <p>The records of a workflow are joined as they come ({@link StatusJoiner}): each state was that
 * of its commands and events, with streams of about the same time.
 */
public final class WorkflowTable implements AutoCloseable {
  /**
   * A workflow changed.
   *
   * @param key the workflow
   * @param status its new state; null when it is gone
   */
  public record Change(WorkflowKey key, @Nullable WorkflowStatus status) {}

  /** Ends the calls to a listener. */
  @FunctionalInterface
  public interface Subscription extends AutoCloseable {
    @Override
    void close();
  }

  private static final Logger log = LoggerFactory.getLogger(WorkflowTable.class);

  private static final List<String> TOPICS = List.of(Topics.WORKFLOWS, Topics.SHARDS);

  private final StatusJoiner workflows = new StatusJoiner();
  private final List<Consumer<Change>> listeners = new CopyOnWriteArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final MessageDeserializer deserializer;
  private final TopicFollower follower;

  /**
   * @param connection stays the giver's to close
   */
  public WorkflowTable(Connection connection) {
    this.deserializer = connection.deserializer();
    this.follower = new TopicFollower(connection, TOPICS, TopicFollower.From.BEGINNING, this::take);
  }

  /**
   * Reads the whole topics and follows them from then on.
   *
   * @param timeout how long the first reading may take
   * @throws IllegalStateException when it takes longer; it goes on nevertheless
   */
  public void start(Duration timeout) {
    follower.start();
    catchUp(timeout);
  }

  /**
   * Waits until everything that was committed before the call is in the table.
   *
   * @throws IllegalStateException when it is not within the time
   */
  public void catchUp(Duration timeout) {
    if (!follower.awaitCaughtUp(timeout)) {
      throw new IllegalStateException(
          TOPICS + " could not be read within " + timeout.toSeconds() + " s");
    }
  }

  /** The state of a workflow; empty when there is none. */
  public Optional<WorkflowStatus> get(WorkflowKey key) {
    return workflows.get(key);
  }

  /** The states of all workflows, sorted by key. */
  public List<WorkflowStatus> all() {
    return List.copyOf(workflows.all().values());
  }

  /** Everything that was committed before this moment is in the table; EPOCH before the start. */
  public Instant freshness() {
    return follower.caughtUpAt();
  }

  /**
   * Calls a listener with the state of each workflow now, and with each change after.
   *
   * @param listener called on the thread that keeps the table up to date (at first on this one),
   *     never twice at once: be quick
   */
  public Subscription subscribe(Consumer<Change> listener) {
    lock.lock();
    try {
      workflows.all().forEach((key, status) -> listener.accept(new Change(key, status)));
      listeners.add(listener);
      return () -> listeners.remove(listener);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until a workflow has reached a version.
   *
   * @return false when it has not within the time
   */
  public boolean awaitVersion(WorkflowKey key, long version, Duration timeout) {
    return await(
        key, status -> status.map(WorkflowStatus::version).orElse(-1L) >= version, timeout);
  }

  /**
   * Waits until a workflow is as wanted.
   *
   * @param wanted gets its state, empty when there is none
   * @return false when it was not within the time
   */
  public boolean await(
      WorkflowKey key, Predicate<Optional<WorkflowStatus>> wanted, Duration timeout) {
    lock.lock();
    try {
      long nanos = timeout.toNanos();
      while (!wanted.test(get(key))) {
        if (nanos <= 0) {
          return false;
        }
        nanos = changed.awaitNanos(nanos);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    try {
      take(
          record.topic(),
          text(record.key()),
          deserializer.deserialize(record.topic(), record.value()));
    } catch (UndecodableException | IllegalArgumentException e) {
      log.atWarn()
          .addKeyValue("partition", record.partition())
          .addKeyValue("offset", record.offset())
          .addKeyValue("reason", e.getMessage())
          .log("workflow status can't be read");
    }
  }

  private static String text(byte @Nullable [] key) {
    return key == null ? "" : new String(key, StandardCharsets.UTF_8);
  }

  private void take(String topic, String key, @Nullable Message value) {
    lock.lock();
    try {
      Optional<WorkflowKey> workflow = workflows.take(topic, key, value);
      if (workflow.isEmpty()) {
        return;
      }
      if (!listeners.isEmpty()) {
        Change change = new Change(workflow.get(), get(workflow.get()).orElse(null));
        listeners.forEach(listener -> Listeners.call(listener, change));
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    follower.close();
  }
}
