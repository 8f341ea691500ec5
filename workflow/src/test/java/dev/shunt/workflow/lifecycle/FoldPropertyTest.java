package dev.shunt.workflow.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.DesiredState;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.StreamEvent;
import dev.shunt.schemas.StreamRemoved;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.schemas.WorkflowCompleted;
import dev.shunt.schemas.WorkflowDeleted;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.InMemoryRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random logs, most of which no service would write: the fold must bear them all. */
class FoldPropertyTest {
  private final MessageSerializer serializer = new MessageSerializer(new InMemoryRegistry());

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 20261122, 77_777})
  void foldsTheSameLogToTheSameBytes(long seed) {
    List<Message> log = randomLog(new Random(seed), 400);

    assertThat(bytes(fold(log))).isEqualTo(bytes(fold(log)));
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 5, 6, 7, 8, 9, 10, 11})
  void foldsToTheSameBytesHoweverEventsAndReportsInterleave(long seed) {
    Random random = new Random(seed);
    List<Event> events = new ArrayList<>();
    List<StreamEvent> reports = new ArrayList<>();
    for (Message message : randomLog(random, 300)) {
      switch (message) {
        case Event event -> events.add(event);
        case StreamEvent report -> reports.add(report);
        default -> throw new AssertionError(message);
      }
    }

    List<Message> eventsFirst = new ArrayList<>(events);
    eventsFirst.addAll(reports);
    List<Message> shuffled = interleave(events, reports, random);

    assertThat(bytes(fold(shuffled))).isEqualTo(bytes(fold(eventsFirst)));
  }

  @ParameterizedTest
  @ValueSource(longs = {12, 13, 14})
  void refusalsChangeNothing(long seed) {
    Random random = new Random(seed);
    WorkflowStatus status = null;
    for (Message message : randomLog(random, 300)) {
      status = step(status, message);
      Command command = randomCommand(random, "new-" + random.nextInt());
      if (Decider.decide(status, command) instanceof Decision.Refuse(var refusal)) {
        Event told =
            new CommandRefused(
                Given.event(command.header().commandId(), 0),
                command.getClass().getSimpleName(),
                "ann",
                "",
                refusal.code().name(),
                refusal.message());
        assertThat(Evolver.evolve(status, told)).isSameAs(status);
      }
    }
  }

  private static List<Message> interleave(
      List<Event> events, List<StreamEvent> reports, Random random) {
    List<Message> all = new ArrayList<>();
    int event = 0;
    int report = 0;
    while (event < events.size() || report < reports.size()) {
      if (report == reports.size() || (event < events.size() && random.nextBoolean())) {
        all.add(events.get(event++));
      } else {
        all.add(reports.get(report++));
      }
    }
    return all;
  }

  private static List<Message> randomLog(Random random, int length) {
    List<Message> log = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      log.add(randomMessage(random));
    }
    return log;
  }

  private static Message randomMessage(Random random) {
    String id = "c" + random.nextInt(4);
    long fence = random.nextInt(3);
    return switch (random.nextInt(13)) {
      case 0, 1, 2 -> Given.admitted(randomCommand(random, id));
      case 3 -> Given.created(id);
      case 4 -> Given.switched(id, List.of("zone1"), random.nextBoolean());
      case 5 -> Given.succeeded(id);
      case 6 -> random.nextBoolean() ? Given.failed(id) : Given.refused(id);
      case 7 -> new StepStarted(Given.event(id, fence), "step" + random.nextInt(3), "");
      case 8 ->
          random.nextBoolean()
              ? new WorkflowCompleted(Given.event(id, fence), true)
              : new WorkflowDeleted(Given.event(id, fence), true);
      case 9 ->
          new VDiffStarted(
              Given.event(id, fence),
              new UUID(0, random.nextInt(3)).toString(),
              List.of("t"),
              List.of("0"),
              0,
              true);
      case 10 ->
          new StreamRemoved("customer", "c2c", 1, "-80", "zone1-0000000200", random.nextInt(2));
      default ->
          Given.reported(random.nextInt(2), random.nextBoolean() ? "Copying" : "Running", "");
    };
  }

  private static Command randomCommand(Random random, String id) {
    return switch (random.nextInt(6)) {
      case 0 -> Given.create(id);
      case 1 -> Given.complete(id);
      case 2 -> Given.delete(id);
      case 3 -> Given.update(id, DesiredState.RUNNING);
      case 4 -> Given.switchTraffic(id);
      default -> Given.diff(id, new UUID(0, random.nextInt(3)).toString());
    };
  }

  private static @Nullable WorkflowStatus fold(List<Message> log) {
    WorkflowStatus status = null;
    for (Message message : log) {
      status = step(status, message);
    }
    return status;
  }

  private static @Nullable WorkflowStatus step(@Nullable WorkflowStatus status, Message message) {
    return switch (message) {
      case Event event -> Evolver.evolve(status, event);
      case StreamEvent event -> Evolver.evolve(status, event);
      default -> throw new AssertionError(message);
    };
  }

  private byte @Nullable [] bytes(@Nullable WorkflowStatus status) {
    return serializer.serialize(null, status);
  }
}
