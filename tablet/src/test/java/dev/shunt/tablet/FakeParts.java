package dev.shunt.tablet;

import binlogdata.Binlogdata;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Position;
import dev.shunt.tabletclient.EventPacket;
import dev.shunt.tabletclient.RowPacket;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Parts that remember what they were asked for and stream nothing. */
final class FakeParts implements TabletParts {
  /** Calls of stop and start, such as {@code stop [1]}. */
  final List<String> calls = new CopyOnWriteArrayList<>();

  final Set<IntConsumer> listeners = ConcurrentHashMap.newKeySet();
  volatile boolean open;

  /** Done once when streams are stopped, as what they still did themselves. */
  final AtomicReference<Runnable> beforeStop = new AtomicReference<>(() -> {});

  /** Told at each close of the engine whether it was open. */
  final AtomicReference<Consumer<Boolean>> atClose = new AtomicReference<>(wasOpen -> {});

  @Override
  public VStreamer streamer(Context context) {
    return new VStreamer() {
      @Override
      public void vstream(
          String position,
          Binlogdata.Filter filter,
          List<Binlogdata.TableLastPK> tableLastPks,
          Binlogdata.VStreamOptions options,
          StreamSink<EventPacket> sink)
          throws InterruptedException {
        sink.accept(
            EventPacket.of(
                Binlogdata.VStreamResponse.newBuilder()
                    .addEvents(Binlogdata.VEvent.newBuilder().setGtid(position))
                    .build()));
        new CountDownLatch(1).await();
      }

      @Override
      public void vstreamRows(
          String query,
          Query.@Nullable QueryResult lastPk,
          Binlogdata.VStreamOptions options,
          @Nullable String snapshot,
          StreamSink<RowPacket> sink) {
        throw new RpcException(Status.Code.INVALID_ARGUMENT, "no rows of " + query);
      }

      @Override
      public void holdSnapshot(
          String name,
          List<String> tables,
          int sessions,
          @Nullable Position wanted,
          boolean byKeys,
          StreamSink<Binlogdata.VStreamTablesResponse> sink) {
        throw new RpcException(Status.Code.INVALID_ARGUMENT, "no tables " + tables);
      }

      @Override
      public void vstreamResults(
          String query, StreamSink<Binlogdata.VStreamResultsResponse> sink) {}

      @Override
      public void close() {}
    };
  }

  @Override
  public VReplicationEngine engine(Context context) {
    Lock turn = new ReentrantLock();
    return new VReplicationEngine() {
      @Override
      public Lock turn() {
        return turn;
      }

      @Override
      public void open() {
        open = true;
      }

      @Override
      public void close() {
        boolean wasOpen = open;
        open = false;
        atClose.get().accept(wasOpen);
      }

      @Override
      public void retune(Collection<Integer> ids) {
        calls.add("retune " + ids);
      }

      @Override
      public void check(Collection<Binlogdata.BinlogSource> sources) {}

      @Override
      public void stop(Collection<Integer> ids) {
        beforeStop.getAndSet(() -> {}).run();
        calls.add("stop " + ids);
      }

      @Override
      public void start(Collection<Integer> ids, MysqlConnection connection) {
        calls.add("start " + ids);
      }

      @Override
      public void waitForPosition(int id, String position, Duration timeout)
          throws InterruptedException {
        if (position.isEmpty()) {
          throw new RpcException(Status.Code.INVALID_ARGUMENT, "no position");
        }
        new CountDownLatch(1).await();
      }

      @Override
      public AutoCloseable watch(IntConsumer listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
      }
    };
  }
}
