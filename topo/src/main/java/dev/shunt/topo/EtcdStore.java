package dev.shunt.topo;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Txn;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One cell in etcd: key = root, slash, path; version = the key's mod revision; a guard compares the
 * create revision of the lock's key in the same transaction.
 */
final class EtcdStore implements TopoStore {
  private final EtcdSession session;
  private final Client client;
  private final String cell;
  private final String root;

  EtcdStore(EtcdSession session, String cell, String root) {
    this.session = session;
    this.client = session.client();
    this.cell = cell;
    this.root = root.endsWith("/") ? root : root + "/";
  }

  EtcdSession session() {
    return session;
  }

  Client client() {
    return client;
  }

  String cell() {
    return cell;
  }

  ByteSequence key(String path) {
    return Etcd.bytes(root + path);
  }

  String path(ByteSequence key) {
    return Etcd.text(key).substring(root.length());
  }

  Entry entry(KeyValue pair) {
    return new Entry(
        path(pair.getKey()),
        ByteString.copyFrom(pair.getValue().getBytes()),
        pair.getModRevision());
  }

  @Override
  public Optional<Entry> get(String path) {
    return session.read(() -> client.getKVClient().get(key(path)), "get " + path).getKvs().stream()
        .findFirst()
        .map(this::entry);
  }

  @Override
  public long revision() {
    return session
        .read(
            () ->
                client
                    .getKVClient()
                    .get(key(Paths.EPOCH), GetOption.builder().withCountOnly(true).build()),
            "read the revision")
        .getHeader()
        .getRevision();
  }

  /** Records below a prefix and the revision at which they were read. */
  record Listing(List<Entry> entries, long revision) {}

  Listing listing(String prefix) {
    GetResponse answer =
        session.read(
            () -> client.getKVClient().get(key(prefix), GetOption.builder().isPrefix(true).build()),
            "list " + prefix);
    List<Entry> entries =
        answer.getKvs().stream()
            .map(this::entry)
            .filter(entry -> !Paths.isLock(entry.path()))
            .toList();
    return new Listing(entries, answer.getHeader().getRevision());
  }

  @Override
  public List<Entry> list(String prefix) {
    return listing(prefix).entries();
  }

  @Override
  public Outcome commit(List<Guard> guards, Map<String, Long> expected, List<Change> changes) {
    List<Cmp> conditions = new ArrayList<>();
    for (Guard guard : guards) {
      conditions.add(
          new Cmp(key(guard.lockKey()), Cmp.Op.EQUAL, CmpTarget.createRevision(guard.token())));
    }
    expected.forEach((path, version) ->
        conditions.add(new Cmp(key(path), Cmp.Op.EQUAL, CmpTarget.modRevision(version))));
    Txn txn = client.getKVClient().txn();
    if (!conditions.isEmpty()) {
      txn = txn.If(conditions.toArray(Cmp[]::new));
    }
    if (!changes.isEmpty()) {
      txn = txn.Then(changes.stream().map(this::operation).toArray(Op[]::new));
    }
    if (!guards.isEmpty()) {
      txn =
          txn.Else(
              guards.stream()
                  .map(guard -> Op.get(key(guard.lockKey()), GetOption.DEFAULT))
                  .toArray(Op[]::new));
    }
    TxnResponse answer =
        session.await(txn.commit(), "write " + changes.stream().map(Change::path).toList());
    if (answer.isSucceeded()) {
      return new Outcome.Committed(answer.getHeader().getRevision());
    }
    for (int i = 0; i < guards.size(); i++) {
      Guard guard = guards.get(i);
      if (answer.getGetResponses().get(i).getKvs().stream()
          .noneMatch(pair -> pair.getCreateRevision() == guard.token())) {
        return new Outcome.GuardLost(guard);
      }
    }
    return new Outcome.Conflict();
  }

  private Op operation(Change change) {
    return switch (change) {
      case Change.Put(String path, ByteString value) ->
          Op.put(key(path), ByteSequence.from(value), PutOption.DEFAULT);
      case Change.Delete(String path) -> Op.delete(key(path), DeleteOption.DEFAULT);
    };
  }

  @Override
  public StoreLock lock(String directory, String action, Duration ttl, LockWait wait) {
    return EtcdLock.acquire(this, directory, action, ttl, wait);
  }

  @Override
  public List<LockHolder> locks() {
    return session
        .read(
            () ->
                client
                    .getKVClient()
                    .get(key(""), GetOption.builder().isPrefix(true).withKeysOnly(true).build()),
            "list locks")
        .getKvs()
        .stream()
        .map(pair -> path(pair.getKey()))
        .filter(Paths::isLock)
        .flatMap(path -> holder(path).stream())
        .sorted(Comparator.comparing(LockHolder::path).thenComparingLong(LockHolder::token))
        .toList();
  }

  private Optional<LockHolder> holder(String path) {
    return session.read(() -> client.getKVClient().get(key(path)), "get " + path).getKvs().stream()
        .findFirst()
        .map(this::holder);
  }

  /** What the key of a lock says. */
  LockHolder holder(KeyValue pair) {
    String path = path(pair.getKey());
    return LockValue.holder(
        Paths.locked(path), path, pair.getCreateRevision(), Etcd.text(pair.getValue()));
  }

  @Override
  public boolean breakLock(String path) {
    return Paths.isLock(path)
        && session.await(client.getKVClient().delete(key(path)), "break " + path).getDeleted() > 0;
  }

  @Override
  public AutoCloseable watch(String prefix, Consumer<TopoEvent> listener, Runnable synced) {
    return EtcdWatch.start(this, prefix, listener, synced);
  }
}
