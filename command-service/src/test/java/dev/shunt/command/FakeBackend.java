package dev.shunt.command;

import dev.shunt.command.sending.Reply;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.Outcome;
import dev.shunt.schemas.OutcomeKind;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** Remembers commands, replies as told, and holds the states it is given. */
final class FakeBackend implements Backend {
  private final List<Command> commands = new ArrayList<>();
  private final SortedMap<WorkflowKey, WorkflowStatus> states = new TreeMap<>();
  private Reply reply = new Reply.Succeeded("done", List.of(), Map.of(), 1000);
  private Optional<String> unready = Optional.empty();
  private int waits;
  private Runnable whileWaiting = () -> {};

  synchronized void replies(Reply next) {
    reply = next;
  }

  synchronized void holds(WorkflowStatus status) {
    states.put(new WorkflowKey(status.keyspace(), status.workflow()), status);
  }

  /** The last command that was sent. */
  synchronized <C extends Command> C command(Class<C> type) {
    return type.cast(commands.getLast());
  }

  synchronized int commands() {
    return commands.size();
  }

  /** How often somebody waited for a state that was not yet there. */
  synchronized int waits() {
    return waits;
  }

  /** Happens when somebody waits. */
  synchronized void whileWaiting(Runnable news) {
    whileWaiting = news;
  }

  /** What was put on the audit log. */
  final List<Event> audited = new CopyOnWriteArrayList<>();

  @Override
  public void audit(Event event) {
    audited.add(event);
  }

  @Override
  public void start() {}

  synchronized void isUnready(String reason) {
    unready = Optional.of(reason);
  }

  @Override
  public synchronized Optional<String> unready() {
    return unready;
  }

  @Override
  public synchronized Reply execute(Command command, Duration timeout) {
    commands.add(command);
    return reply;
  }

  @Override
  public synchronized Reply submit(Command command, Duration timeout) {
    return execute(command, timeout);
  }

  @Override
  public synchronized Optional<WorkflowStatus> find(WorkflowKey key) {
    return Optional.ofNullable(states.get(key));
  }

  @Override
  public synchronized List<WorkflowStatus> all() {
    return List.copyOf(states.values());
  }

  /** What is waited for is folded while the caller waits, as if it came in from the log. */
  @Override
  public synchronized boolean await(
      WorkflowKey key, Predicate<Optional<WorkflowStatus>> wanted, Duration timeout) {
    if (!wanted.test(find(key))) {
      waits++;
      whileWaiting.run();
      CommandHeader header = commands.getLast().header();
      find(key)
          .ifPresent(status ->
              holds(
                  Statuses.withOutcome(
                      status,
                      new Outcome(header.commandId(), "", OutcomeKind.SUCCEEDED, "OK", "", 0))));
    }
    return wanted.test(find(key));
  }

  @Override
  public void close() {}
}
