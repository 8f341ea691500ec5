package dev.shunt.saga.fake;

import binlogdata.Binlogdata.Journal;
import dev.shunt.cluster.PrimaryControl;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.StreamControl;
import dev.shunt.tabletclient.Fence;
import dev.shunt.workflow.streams.MigrationId;
import dev.shunt.workflow.streams.TextProto;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;

/**
 * Verbs on a {@link FakeTablet}. Each passes the cluster's gate first, by its name and the shard's,
 * and those that change something on sidecar tables once more when they are done.
 */
record FakePrimaryControl(FakeTablet fake, ShardPrimary shard, @Nullable Fence fence)
    implements PrimaryControl {
  /** Asks for something. */
  void ask(String verb) {
    fake.enter(shard.tablet(), verb);
  }

  /** Asks for a change; earlier holders of the fence are refused. */
  void act(String verb) {
    ask(verb);
    fake.fence(fence);
  }

  /** Makes a change of the sidecar tables, as one transaction. */
  void change(String verb, Runnable change) {
    act(verb);
    synchronized (fake.cluster) {
      change.run();
      fake.position++;
    }
    fake.done(verb);
  }

  @Override
  public PrimaryControl withFence(Fence newFence) {
    return new FakePrimaryControl(fake, shard, newFence);
  }

  @Override
  public PrimaryControl within(Duration limit) {
    return this;
  }

  @Override
  public StreamControl streams(String workflow) {
    return new FakeStreamControl(this, workflow);
  }

  @Override
  public List<ReadVReplicationWorkflowResponse> workflows() {
    ask("workflows");
    Map<String, List<FakeRow>> byName = new TreeMap<>();
    fake.streams
        .values()
        .forEach(row -> byName.computeIfAbsent(row.workflow, k -> new ArrayList<>()).add(row));
    List<ReadVReplicationWorkflowResponse> all = new ArrayList<>();
    byName.forEach((name, rows) -> all.add(FakeRow.response(name, rows)));
    return all;
  }

  @Override
  public void showFence() {
    change("showFence", () -> {});
  }

  @Override
  public void refreshState() {
    ask("refreshState");
    fake.refresh(fake.cluster.topo);
  }

  @Override
  public boolean runsTransactions() {
    ask("runsTransactions");
    return !fake.stock;
  }

  @Override
  public String position() {
    ask("position");
    return fake.positionText();
  }

  @Override
  public void drain(Collection<String> tables) {
    ask("drain");
  }

  // --- the decision of a switch --------------------------------------------------------------

  @Override
  public Optional<Journal> journal(long id) {
    ask("journal");
    return keys(id)
        .flatMap(key -> fake.journal(key, shard.database()).stream())
        .map(TextProto::journal)
        .findFirst();
  }

  @Override
  public List<String> journalKeys(long id) {
    ask("journalKeys");
    return keys(id).filter(fake.journals::containsKey).map(String::valueOf).toList();
  }

  private Stream<Long> keys(long id) {
    return Stream.of(id, MigrationId.beside(id, shard.database()));
  }

  @Override
  public void writeJournal(long key, Journal journal) {
    change("writeJournal", () -> fake.putJournal(key, shard.database(), journal));
  }

  // --- AUTO_INCREMENT ------------------------------------------------------------------------

  @Override
  public Map<String, BigInteger> nextIds(Collection<String> tables) {
    ask("nextIds");
    Map<String, BigInteger> next = new TreeMap<>();
    fake.autoIncrements.forEach((table, id) -> {
      if (tables.contains(table)) {
        next.put(table, BigInteger.valueOf(id));
      }
    });
    return next;
  }

  @Override
  public boolean raiseNextId(String table, BigInteger next) {
    act("raiseNextId");
    fake.autoIncrements.put(table, next.longValueExact());
    return true;
  }
}
