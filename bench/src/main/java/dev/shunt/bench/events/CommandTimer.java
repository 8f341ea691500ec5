package dev.shunt.bench.events;

import dev.shunt.client.WorkflowTable;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageHeaders;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.schemas.OutcomeKind;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Sends commands and takes the time until their outcome is in the status of their workflow. */
final class CommandTimer implements AutoCloseable {
  private static final int LONGEST_GAP_MILLIS = 20;

  private final KafkaProducer<String, Message> producer;
  private final WorkflowTable.Subscription subscription;
  private final Map<String, CompletableFuture<Long>> waiting = new ConcurrentHashMap<>();
  private final Duration longest;
  private final Random random = new Random(1);
  private int sent;

  /**
   * @param table stays the giver's
   * @param longest how long an outcome may take
   */
  CommandTimer(EventsCluster cluster, WorkflowTable table, Duration longest) {
    this.producer =
        new KafkaProducer<>(
            cluster.kafka().producer(),
            new StringSerializer(),
            new MessageSerializer(cluster.registry()));
    this.longest = longest;
    this.subscription =
        table.subscribe(change -> {
          if (change.status() != null) {
            see(change.status());
          }
        });
  }

  private void see(WorkflowStatus status) {
    if (status.lastOutcome() == null) {
      return;
    }
    CompletableFuture<Long> waiter = waiting.remove(status.lastOutcome().commandId());
    if (waiter == null) {
      return;
    }
    if (status.lastOutcome().kind() == OutcomeKind.SUCCEEDED) {
      waiter.complete(System.nanoTime());
    } else {
      waiter.completeExceptionally(
          new IllegalStateException("a command ended otherwise: " + status.lastOutcome()));
    }
  }

  /**
   * One command after the other, with short gaps of random length.
   *
   * @param prefix of the workflows' names
   * @param goOn asked before each command
   * @return milliseconds that each took
   */
  List<Double> latencies(String prefix, BooleanSupplier goOn)
      throws InterruptedException, ExecutionException {
    List<Double> millis = new ArrayList<>();
    while (goOn.getAsBoolean()) {
      long began = System.nanoTime();
      millis.add((ended(send(prefix)) - began) / 1e6);
      Thread.sleep(random.nextInt(LONGEST_GAP_MILLIS));
    }
    return millis;
  }

  /** Commands of as many workflows, all at once; returns how many a second were carried out. */
  double perSecond(String prefix, int count) throws InterruptedException, ExecutionException {
    long began = System.nanoTime();
    return count / ((allEnded(prefix, count) - began) / 1e9);
  }

  /** Commands of as many workflows, all at once; returns when the last outcome came. */
  long allEnded(String prefix, int count) throws InterruptedException, ExecutionException {
    List<CompletableFuture<Long>> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(send(prefix));
    }
    long last = Long.MIN_VALUE;
    for (CompletableFuture<Long> one : all) {
      last = Math.max(last, ended(one));
    }
    return last;
  }

  private CompletableFuture<Long> send(String prefix) {
    Command command = command(new WorkflowKey("bench", prefix + sent), "bench-" + sent);
    sent++;
    String id = command.header().commandId();
    CompletableFuture<Long> waiter = new CompletableFuture<>();
    waiting.put(id, waiter);
    var unused =
        producer.send(
            new ProducerRecord<>(
                Topics.COMMANDS,
                null,
                WorkflowKey.of(command.header()).toString(),
                command,
                MessageHeaders.ofCommand(id, "")),
            (metadata, e) -> {
              if (e != null) {
                waiter.completeExceptionally(e);
              }
            });
    return waiter;
  }

  private static Command command(WorkflowKey key, String id) {
    CommandHeader header =
        new CommandHeader(id, key.keyspace(), key.workflow(), "bench", "", null, false, 0);
    return MoveTablesCreate.of(header, "commerce")
        .with(draft -> draft.includeTables = List.of("customer"));
  }

  private long ended(CompletableFuture<Long> waiter)
      throws InterruptedException, ExecutionException {
    try {
      return waiter.get(longest.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "a command had no outcome in its status within " + longest.toSeconds() + " s", e);
    }
  }

  @Override
  public void close() {
    subscription.close();
    producer.close(Duration.ofSeconds(5));
  }
}
