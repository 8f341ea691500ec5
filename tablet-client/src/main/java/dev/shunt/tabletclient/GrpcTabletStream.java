package dev.shunt.tabletclient;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.NoSuchElementException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A server stream as a blocking iterator; holds at most {@link #PREFETCH} unread messages. */
final class GrpcTabletStream<T> implements TabletStream<T> {
  private static final int PREFETCH = 8;

  private sealed interface Signal<T> {
    record Message<T>(T value) implements Signal<T> {}

    /**
     * @param trailers say what a call that failed has left behind
     */
    record End<T>(Status status, Metadata trailers) implements Signal<T> {}
  }

  private final ClientCall<?, T> call;
  private final Function<StatusRuntimeException, TabletException> translate;
  private final BlockingQueue<Signal<T>> queue = new LinkedBlockingQueue<>();
  private @Nullable Signal<T> head;

  private GrpcTabletStream(
      ClientCall<?, T> call, Function<StatusRuntimeException, TabletException> translate) {
    this.call = call;
    this.translate = translate;
  }

  static <Q, T> GrpcTabletStream<T> start(
      ClientCall<Q, T> call,
      Q request,
      Consumer<Status> onEnd,
      Function<StatusRuntimeException, TabletException> translate) {
    GrpcTabletStream<T> stream = new GrpcTabletStream<>(call, translate);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(T message) {
            stream.queue.add(new Signal.Message<>(message));
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            onEnd.accept(status);
            stream.queue.add(new Signal.End<>(status, trailers));
          }
        },
        new Metadata());
    call.sendMessage(request);
    call.halfClose();
    call.request(PREFETCH);
    return stream;
  }

  private Signal<T> head() {
    Signal<T> signal = head;
    if (signal == null) {
      try {
        signal = queue.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        call.cancel("the reader was interrupted", e);
        throw translate.apply(
            Status.CANCELLED.withDescription("interrupted").withCause(e).asRuntimeException());
      }
      head = signal;
    }
    return signal;
  }

  @Override
  public boolean hasNext() {
    return switch (head()) {
      case Signal.Message<T> message -> true;
      case Signal.End<T> end when end.status().isOk() -> false;
      case Signal.End<T> end ->
          throw translate.apply(end.status().asRuntimeException(end.trailers()));
    };
  }

  @Override
  public T next() {
    if (!hasNext() || !(head() instanceof Signal.Message<T>(T value))) {
      throw new NoSuchElementException("the stream has ended");
    }
    head = null;
    call.request(1);
    return value;
  }

  @Override
  public void close() {
    call.cancel("closed by the reader", null);
  }
}
