package dev.shunt.command.sending;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The summary of a command's outcome, warnings included, where the answer of Vitess's protocol has
 * no place for it: it goes along in the call's trailers, which clients that don't know it pass
 * over.
 */
public final class Summary {
  /** Trailer of the summary, UTF-8. */
  public static final Metadata.Key<byte[]> TRAILER =
      Metadata.Key.of("shunt-summary-bin", Metadata.BINARY_BYTE_MARSHALLER);

  /** The longest that is sent, bytes: below what clients take of metadata by default. */
  private static final int LONGEST = 6000;

  private static final Context.Key<AtomicReference<@Nullable String>> CURRENT =
      Context.key("summary");

  private Summary() {}

  /** Has the answer of the call that the current thread serves carry a summary. */
  static void attach(String summary) {
    AtomicReference<@Nullable String> current = CURRENT.get();
    if (current != null) {
      current.set(summary);
    }
  }

  /** Makes {@link #attach} work. */
  public static ServerInterceptor interceptor() {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        AtomicReference<@Nullable String> summary = new AtomicReference<>();
        ServerCall<Q, A> withTrailer =
            new SimpleForwardingServerCall<>(call) {
              @Override
              public void close(Status status, Metadata trailers) {
                String text = summary.get();
                if (text != null) {
                  trailers.put(TRAILER, bytes(text));
                }
                super.close(status, trailers);
              }
            };
        return Contexts.interceptCall(
            Context.current().withValue(CURRENT, summary), withTrailer, headers, next);
      }
    };
  }

  private static byte[] bytes(String text) {
    byte[] all = text.getBytes(StandardCharsets.UTF_8);
    return all.length <= LONGEST
        ? all
        : (new String(all, 0, LONGEST, StandardCharsets.UTF_8) + " …")
            .getBytes(StandardCharsets.UTF_8);
  }
}
