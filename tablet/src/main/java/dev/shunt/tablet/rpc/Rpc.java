package dev.shunt.tablet.rpc;

import dev.shunt.mysql.MysqlException;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.StreamSink;
import dev.shunt.tabletclient.CallEffect;
import dev.shunt.tabletclient.Fenced;
import dev.shunt.topo.TopoException;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers calls with what blocking code returns or throws. */
public final class Rpc {
  private static final Logger log = LoggerFactory.getLogger(Rpc.class);

  private Rpc() {}

  /** Answers a unary call on the thread of the call. */
  public static <T> void answer(StreamObserver<T> observer, Callable<T> work) {
    T response;
    try {
      response = work.call();
    } catch (Throwable e) {
      observer.onError(status(e));
      return;
    }
    observer.onNext(response);
    observer.onCompleted();
  }

  /**
   * Answers a unary call that waits for something else than the database; the wait is interrupted
   * when the call is cancelled or past its deadline.
   */
  public static <T> void answerWaiting(StreamObserver<T> observer, Callable<T> work) {
    answer(
        observer,
        () -> {
          try (InterruptOnCancel _ = new InterruptOnCancel()) {
            return work.call();
          }
        });
  }

  /** Interrupts the thread that made it when its call ends before it is closed. */
  private static final class InterruptOnCancel implements AutoCloseable {
    private final Thread thread = Thread.currentThread();
    private final Context context = Context.current();
    private final Context.CancellationListener listener = ended -> interrupt();
    private boolean done;

    InterruptOnCancel() {
      context.addListener(listener, Runnable::run);
    }

    private synchronized void interrupt() {
      if (!done) {
        thread.interrupt();
      }
    }

    @Override
    public void close() {
      context.removeListener(listener);
      synchronized (this) {
        done = true;
      }
      var unused = Thread.interrupted();
    }
  }

  /** A stream that is sent by blocking code. */
  @FunctionalInterface
  public interface Streaming<T> {
    /** Sends until the stream ends; interrupted when the receiver is gone. */
    void run(StreamSink<T> sink) throws InterruptedException;
  }

  /** Answers a streaming call on a thread of its own, no faster than the receiver reads. */
  public static <T> void stream(String name, StreamObserver<T> observer, Streaming<T> work) {
    ServerCallStreamObserver<T> call = (ServerCallStreamObserver<T>) observer;
    FlowControlledSink<T> sink = new FlowControlledSink<>(call);
    Runnable run =
        Context.current()
            .wrap(() -> {
              try {
                work.run(sink);
                call.onCompleted();
              } catch (Throwable e) {
                if (!call.isCancelled()) {
                  call.onError(status(e));
                }
              }
            });
    Thread thread = Thread.ofVirtual().name(name).unstarted(run);
    call.setOnReadyHandler(sink::wake);
    call.setOnCancelHandler(thread::interrupt);
    thread.start();
  }

  /** What a caller gets for an exception. */
  public static StatusRuntimeException status(Throwable error) {
    return switch (error) {
      case RpcException e ->
          Status.fromCode(e.code())
              .withDescription(e.getMessage())
              .withCause(e)
              .asRuntimeException(trailers(e));
      case MysqlException e -> status(MysqlErrors.toTabletException(e));
      case TopoException e ->
          Status.fromCode(topoCode(e.kind()))
              .withDescription("topology: " + e.getMessage())
              .withCause(e)
              .asRuntimeException();
      case StatusRuntimeException e -> e;
      case InterruptedException e ->
          Status.CANCELLED.withDescription("interrupted").withCause(e).asRuntimeException();
      default -> {
        log.atError().setCause(error).log("call failed for a reason of our own");
        yield Status.INTERNAL
            .withDescription("internal error: " + error)
            .withCause(error)
            .asRuntimeException();
      }
    };
  }

  private static Metadata trailers(RpcException error) {
    Metadata trailers = new Metadata();
    if (error.effectUnknown()) {
      trailers.put(CallEffect.TRAILER, CallEffect.UNKNOWN.text());
    }
    String fence = error.fence();
    if (fence != null) {
      trailers.put(Fenced.TRAILER, URLEncoder.encode(fence, StandardCharsets.UTF_8));
    }
    return trailers;
  }

  private static Status.Code topoCode(TopoException.Kind kind) {
    return switch (kind) {
      case NO_NODE -> Status.Code.NOT_FOUND;
      case NODE_EXISTS -> Status.Code.ALREADY_EXISTS;
      case BAD_VERSION, LOCK_LOST -> Status.Code.FAILED_PRECONDITION;
      case TIMEOUT -> Status.Code.DEADLINE_EXCEEDED;
      case INVALID -> Status.Code.INVALID_ARGUMENT;
      case UNAVAILABLE -> Status.Code.UNAVAILABLE;
    };
  }

  /** Waits while the receiver's buffer is full. */
  private static final class FlowControlledSink<T> implements StreamSink<T> {
    private final ServerCallStreamObserver<T> call;
    private final Object ready = new Object();

    FlowControlledSink(ServerCallStreamObserver<T> call) {
      this.call = call;
    }

    void wake() {
      synchronized (ready) {
        ready.notifyAll();
      }
    }

    @Override
    public void accept(T message) throws InterruptedException {
      synchronized (ready) {
        while (!call.isReady()) {
          if (call.isCancelled()) {
            throw new InterruptedException("the receiver is gone");
          }
          ready.wait();
        }
      }
      call.onNext(message);
    }
  }
}
