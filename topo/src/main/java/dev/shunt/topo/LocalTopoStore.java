package dev.shunt.topo;

import static dev.shunt.topo.TopoException.Kind.UNAVAILABLE;

import com.google.protobuf.ByteString;
import dev.shunt.time.Time;
import dev.shunt.topo.TopoStore.Change;
import dev.shunt.topo.TopoStore.Entry;
import dev.shunt.topo.TopoStore.Guard;
import dev.shunt.topo.TopoStore.Outcome;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The stores of all cells in one directory: all records in memory, each write a frame of {@link
 * Journal}, so that a write is wholly there after a crash or not at all. Paths in the journal have
 * their cell in front. The file {@code lock} keeps other processes out. The revision is in every
 * frame, so revisions and lock tokens grow over restarts.
 */
final class LocalTopoStore implements TopoStores {
  private static final long COMPACT_AT_LEAST = 4 << 20;

  /**
   * Of this process. It must not open their lock files again: systems give up all locks that a
   * process has on a file when any channel of the process on that file is closed.
   */
  private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final ReentrantLock mutex = new ReentrantLock(true);
  private final TreeMap<String, Entry> records = new TreeMap<>();
  private final List<LocalWatch> watches = new CopyOnWriteArrayList<>();
  private final LocalLocks locks;
  private final Time time;
  private final FileChannel lockChannel;
  private final Journal journal;
  private final long compactAtLeast;
  private long snapshotSize;
  private long revision;
  private boolean closed;

  private LocalTopoStore(Path directory, long compactAtLeast, Time time) throws IOException {
    this.compactAtLeast = compactAtLeast;
    this.time = time;
    this.locks = new LocalLocks(mutex, this::reserveRevision, time);
    Files.createDirectories(directory);
    this.directory = directory.toRealPath();
    if (!OPEN.add(this.directory)) {
      throw new IOException("this process has it open");
    }
    @Nullable FileChannel locked = null;
    try {
      locked = lock(directory.resolve("lock"));
      this.journal = Journal.open(directory.resolve("topo.journal"), this::read);
    } catch (IOException | RuntimeException e) {
      unlock(locked);
      throw e;
    }
    this.lockChannel = locked;
    this.snapshotSize = journal.size();
  }

  private void unlock(@Nullable FileChannel locked) throws IOException {
    try {
      if (locked != null) {
        locked.close();
      }
    } finally {
      OPEN.remove(directory);
    }
  }

  static LocalTopoStore open(Path directory) {
    return open(directory, Time.system());
  }

  static LocalTopoStore open(Path directory, Time time) {
    return open(directory, COMPACT_AT_LEAST, time);
  }

  static LocalTopoStore open(Path directory, long compactAtLeast, Time time) {
    try {
      return new LocalTopoStore(directory, compactAtLeast, time);
    } catch (IOException | UncheckedIOException e) {
      throw new TopoException(
          UNAVAILABLE, "cannot open the local topology " + directory + ": " + e.getMessage(), e);
    }
  }

  private static FileChannel lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (channel.tryLock() == null) {
      channel.close();
      throw new IOException("another process has it open");
    }
    return channel;
  }

  // --- the journal's frames ----------------------------------------------------------------

  /** A frame: revision, count, then path, version, length and bytes; length -1 is a removal. */
  private void read(DataInputStream in) {
    try {
      revision = in.readLong();
      int count = in.readInt();
      for (int i = 0; i < count; i++) {
        String path = in.readUTF();
        long version = in.readLong();
        int length = in.readInt();
        if (length < 0) {
          records.remove(path);
        } else {
          ByteString value = ByteString.copyFrom(in.readNBytes(length));
          records.put(path, new Entry(path, value, version));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(DataOutputStream out, long revision, List<Change> changes)
      throws IOException {
    out.writeLong(revision);
    out.writeInt(changes.size());
    for (Change change : changes) {
      out.writeUTF(change.path());
      out.writeLong(revision);
      switch (change) {
        case Change.Put put -> {
          out.writeInt(put.value().size());
          put.value().writeTo(out);
        }
        case Change.Delete delete -> out.writeInt(-1);
      }
    }
  }

  private void writeSnapshot(DataOutputStream out) throws IOException {
    out.writeLong(revision);
    out.writeInt(records.size());
    for (Entry entry : records.values()) {
      out.writeUTF(entry.path());
      out.writeLong(entry.version());
      out.writeInt(entry.value().size());
      entry.value().writeTo(out);
    }
  }

  /** Takes the next revision, durably; the mutex is held. */
  private long reserveRevision() {
    append(List.of());
    return revision;
  }

  private void append(List<Change> changes) {
    if (closed) {
      throw new TopoException(UNAVAILABLE, "the local topology is closed");
    }
    try {
      journal.append(out -> write(out, revision + 1, changes));
    } catch (IOException e) {
      throw new TopoException(UNAVAILABLE, "cannot write the local topology: " + e.getMessage(), e);
    }
    revision++;
    if (journal.size() > Math.max(compactAtLeast, 4 * snapshotSize)) {
      compact(changes);
    }
  }

  private void compact(List<Change> changes) {
    apply(changes);
    try {
      journal.replace(this::writeSnapshot);
      snapshotSize = journal.size();
    } catch (IOException e) {
      // The write that led here is in the old journal, which stays in use; the next one tries
      // again.
      snapshotSize = journal.size();
    }
  }

  private void apply(List<Change> changes) {
    for (Change change : changes) {
      switch (change) {
        case Change.Put(String path, ByteString value) ->
            records.put(path, new Entry(path, value, revision));
        case Change.Delete(String path) -> records.remove(path);
      }
    }
  }

  // --- what cells do -----------------------------------------------------------------------

  Optional<Entry> get(String path) {
    mutex.lock();
    try {
      checkOpen();
      return Optional.ofNullable(records.get(path));
    } finally {
      mutex.unlock();
    }
  }

  long revision() {
    mutex.lock();
    try {
      checkOpen();
      return revision;
    } finally {
      mutex.unlock();
    }
  }

  List<Entry> list(String prefix) {
    mutex.lock();
    try {
      checkOpen();
      List<Entry> found = new ArrayList<>();
      for (Entry entry : records.tailMap(prefix, true).values()) {
        if (!entry.path().startsWith(prefix)) {
          break;
        }
        found.add(entry);
      }
      return found;
    } finally {
      mutex.unlock();
    }
  }

  Outcome commit(List<Guard> guards, Map<String, Long> expected, List<Change> changes) {
    mutex.lock();
    try {
      checkOpen();
      for (Guard guard : guards) {
        if (!locks.holds(guard)) {
          return new Outcome.GuardLost(guard);
        }
      }
      for (Map.Entry<String, Long> each : expected.entrySet()) {
        Entry present = records.get(each.getKey());
        if ((present == null ? 0 : present.version()) != each.getValue()) {
          return new Outcome.Conflict();
        }
      }
      List<Change> effective =
          changes.stream()
              .filter(change -> change instanceof Change.Put || records.containsKey(change.path()))
              .toList();
      if (!effective.isEmpty()) {
        append(effective);
        apply(effective);
        watches.forEach(watch -> watch.enqueue(effective, revision));
      }
      return new Outcome.Committed(revision);
    } finally {
      mutex.unlock();
    }
  }

  LocalLocks locks() {
    return locks;
  }

  LocalWatch watch(LocalWatch watch) {
    mutex.lock();
    try {
      checkOpen();
      watch.start(list(watch.prefix()), () -> watches.remove(watch));
      watches.add(watch);
      return watch;
    } finally {
      mutex.unlock();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new TopoException(UNAVAILABLE, "the local topology is closed");
    }
  }

  // --- TopoStores --------------------------------------------------------------------------

  @Override
  public Time time() {
    return time;
  }

  @Override
  public TopoStore global() {
    return new LocalCell(this, Topo.GLOBAL_CELL);
  }

  @Override
  public Optional<TopoStore> find(String cell) {
    boolean known =
        cell.equals(Topo.GLOBAL_CELL)
            || get(Topo.GLOBAL_CELL + "/" + Paths.cellInfo(cell)).isPresent();
    return known ? Optional.of(new LocalCell(this, cell)) : Optional.empty();
  }

  @Override
  public void close() {
    mutex.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      locks.loseAll();
      watches.forEach(LocalWatch::close);
      journal.close();
      unlock(lockChannel);
    } catch (IOException e) {
      throw new TopoException(UNAVAILABLE, "cannot close the local topology", e);
    } finally {
      mutex.unlock();
    }
  }
}
