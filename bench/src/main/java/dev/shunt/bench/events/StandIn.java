package dev.shunt.bench.events;

import dev.shunt.saga.EventHistory;
import dev.shunt.saga.EventSink;
import dev.shunt.saga.Saga;
import dev.shunt.saga.SagaHandler;
import dev.shunt.saga.SagaSettings;
import dev.shunt.saga.StopSignal;
import dev.shunt.saga.Success;
import dev.shunt.saga.Task;
import dev.shunt.saga.TaskHandler;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.EventHeader;
import dev.shunt.time.Time;
import dev.shunt.topo.Topo;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Carries commands out that come to nothing: a task is taken as by any service, and its outcome is
 * reported at once. Those of workflows whose name begins with {@link #LOCKED} go the whole way of a
 * saga: lock in the topology, history from the log, a plan without steps.
 */
final class StandIn implements TaskHandler {
  static final String LOCKED = "locked-";

  private static final String INSTANCE = "bench";

  private final EventSink sink;
  private final TaskHandler saga;
  private final Time clock;
  private final AtomicLong fence = new AtomicLong(1);

  StandIn(Topo topo, EventSink sink, EventHistory history, Time clock) {
    this.sink = sink;
    this.clock = clock;
    this.saga =
        new SagaHandler(
            topo,
            key -> key.keyspace() + "/" + key.workflow(),
            sink,
            history,
            INSTANCE,
            clock,
            SagaSettings.DEFAULT,
            run -> Saga.answer(Success.of("nothing to do")));
  }

  @Override
  public Result handle(Task task, StopSignal stop) {
    if (task.key().workflow().startsWith(LOCKED)) {
      return saga.handle(task, stop);
    }
    CommandSucceeded outcome =
        new CommandSucceeded(
            new EventHeader(
                task.key().keyspace(),
                task.key().workflow(),
                task.commandId(),
                clock.millis(),
                INSTANCE,
                fence.incrementAndGet()),
            task.command().getClass().getSimpleName(),
            "nothing to do",
            List.of(),
            Map.of(),
            0);
    try {
      var unused = sink.send(outcome, task.traceparent()).get();
      return Result.FINISHED;
    } catch (InterruptedException e) {
      return Result.STOPPED;
    } catch (ExecutionException e) {
      return Result.AGAIN;
    }
  }
}
