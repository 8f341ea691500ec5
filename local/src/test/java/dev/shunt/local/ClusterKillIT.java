package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.client.AuditLog;
import dev.shunt.client.AuditQuery;
import dev.shunt.client.CommandResult;
import dev.shunt.client.Connection;
import dev.shunt.client.ShuntClient;
import dev.shunt.client.WorkflowTable;
import dev.shunt.local.demo.ReplayCheck;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.DesiredState;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.RegistryException;
import dev.shunt.workflow.lifecycle.Evolver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole cluster, Kafka and databases with it, dies by SIGKILL at random moments while commands
 * are under way: it starts again each time, every command that was acknowledged ends once, and the
 * state is the fold of the events. A few kills; 50 with -Pfull.
 */
class ClusterKillIT {
  private static final Logger log = LoggerFactory.getLogger(ClusterKillIT.class);
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int KILLS = Boolean.getBoolean("test.full") ? 50 : 3;
  private static final WorkflowKey WORKFLOW = new WorkflowKey("customer", "killed");

  private final long seed = Long.getLong("test.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Set<String> sent = new HashSet<>();
  private final Set<String> acknowledged = new HashSet<>();

  @TempDir Path directory;

  @Test
  void startsAgainWithEveryCommandEndedOnce() throws Exception {
    log.atInfo().addKeyValue("seed", seed).addKeyValue("kills", KILLS).log("cluster kills");
    for (int kill = 0; kill < KILLS; kill++) {
      try (ClusterChild cluster = start(kill);
          Connection connection = Connection.to(cluster.kafka(), cluster.registry());
          ShuntClient client = new ShuntClient(connection)) {
        Thread sender = Thread.ofPlatform().start(() -> sendCommands(client));
        TimeUnit.MILLISECONDS.sleep(500 + random.nextInt(4000));
        cluster.kill();
        sender.interrupt();
        sender.join();
      }
    }
    try (ClusterChild cluster = start(KILLS);
        Connection connection = Connection.to(cluster.kafka(), cluster.registry());
        ShuntClient client = new ShuntClient(connection);
        WorkflowTable workflows = new WorkflowTable(connection)) {
      client.start();
      workflows.start(PATIENCE);
      for (String id : acknowledged) {
        assertThat(client.await(id, PATIENCE))
            .as("command %s ends, seed %d", id, seed)
            .isNotInstanceOf(CommandResult.Pending.class);
      }
      Command cancel = Asking.cancel(WORKFLOW);
      sent.add(cancel.header().commandId());
      CommandResult last = client.execute(cancel, PATIENCE);
      assertThat(last).isNotInstanceOf(CommandResult.Pending.class);
      assertThat(endsOfEachCommand(connection).values())
          .as("ends of each command that count, seed %d", seed)
          .allMatch(ends -> ends == 1);
      assertThat(ReplayCheck.of(connection, workflows, PATIENCE).equal())
          .as("the state is the fold of the events, seed %d", seed)
          .isTrue();
    }
    assertThat(acknowledged).isNotEmpty();
  }

  private ClusterChild start(int life) throws Exception {
    return ClusterChild.start(
        directory.resolve("cluster"), directory.resolve("life-" + life + ".log"));
  }

  /** Creates the workflow, stops and starts it, one command after the other without a pause. */
  private void sendCommands(ShuntClient client) {
    List<Command> next = new ArrayList<>();
    try {
      while (!Thread.currentThread().isInterrupted()) {
        if (next.isEmpty()) {
          next.add(Asking.create(WORKFLOW, "commerce", "customer", "corder", "product"));
          next.add(Asking.start(WORKFLOW, DesiredState.STOPPED));
          next.add(Asking.start(WORKFLOW, DesiredState.RUNNING));
        }
        Command command = next.removeFirst();
        sent.add(command.header().commandId());
        client.send(command);
        acknowledged.add(command.header().commandId());
        TimeUnit.MILLISECONDS.sleep(random.nextInt(300));
      }
    } catch (InterruptedException | KafkaException | RegistryException e) {
      log.atInfo().log("no more commands in this life");
    }
  }

  /**
   * How often the end of each command counts in the fold. A service that is killed between telling
   * the end and learning that it was read tells it again; what is told again must change nothing.
   */
  private Map<String, Integer> endsOfEachCommand(Connection connection) {
    Map<String, Integer> ends = new HashMap<>();
    Map<WorkflowKey, WorkflowStatus> folded = new HashMap<>();
    try (AuditLog audit = new AuditLog(connection)) {
      audit.replay(
          AuditQuery.all(),
          record -> {
            Event event = record.event();
            WorkflowKey key = WorkflowKey.of(event.header());
            WorkflowStatus before = folded.get(key);
            WorkflowStatus after = Evolver.evolve(before, event);
            if (after != null) {
              folded.put(key, after);
            }
            if (event instanceof CommandSucceeded
                || event instanceof CommandRefused
                || event instanceof CommandFailed) {
              boolean again =
                  ends.containsKey(event.header().commandId()) && Objects.equals(before, after);
              ends.merge(event.header().commandId(), again ? 0 : 1, Integer::sum);
              if (again) {
                log.atInfo().addKeyValue("event", event).log("an end was told again");
              }
            }
          });
    }
    assertThat(sent).containsAll(ends.keySet());
    assertThat(ends.keySet()).containsAll(acknowledged);
    return ends;
  }
}
