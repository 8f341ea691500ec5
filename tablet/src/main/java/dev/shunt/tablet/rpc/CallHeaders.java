package dev.shunt.tablet.rpc;

import dev.shunt.tabletclient.Fence;
import dev.shunt.tabletclient.HoldSnapshot;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads what calls carry in their headers: the fence, whether to use one transaction, and the
 * snapshot to read from.
 */
public final class CallHeaders implements ServerInterceptor {
  /** {@code 1}: VReplicationExec runs all its statements in one transaction. */
  public static final Metadata.Key<String> TRANSACTION =
      Metadata.Key.of("shunt-transaction", Metadata.ASCII_STRING_MARSHALLER);

  private static final Context.Key<Optional<Fence>> FENCE_KEY = Context.key("shunt-fence");
  private static final Context.Key<Optional<String>> SNAPSHOT_KEY = Context.key("shunt-snapshot");
  private static final Context.Key<Boolean> TRANSACTION_KEY = Context.key("shunt-transaction");

  /** The fence of the current call, if it has one. */
  public static Optional<Fence> fence() {
    Optional<Fence> fence = FENCE_KEY.get();
    return fence == null ? Optional.empty() : fence;
  }

  /** Name of the snapshot that the current call reads from or takes, if it has one. */
  public static Optional<String> snapshot() {
    Optional<String> snapshot = SNAPSHOT_KEY.get();
    return snapshot == null ? Optional.empty() : snapshot;
  }

  /** Whether the current call asks for one transaction. */
  public static boolean inTransaction() {
    return Boolean.TRUE.equals(TRANSACTION_KEY.get());
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    @Nullable String fence = headers.get(Fence.HEADER);
    Optional<Fence> parsed;
    try {
      @Nullable String epoch = headers.get(Fence.EPOCH_HEADER);
      parsed =
          fence == null
              ? Optional.empty()
              : Optional.of(Fence.parse(fence).withEpoch(epoch == null ? "" : epoch));
    } catch (IllegalArgumentException e) {
      call.close(
          Status.INVALID_ARGUMENT.withDescription("header shunt-fence: " + e.getMessage()),
          new Metadata());
      return new ServerCall.Listener<>() {};
    }
    Context context =
        Context.current()
            .withValue(FENCE_KEY, parsed)
            .withValue(SNAPSHOT_KEY, Optional.ofNullable(headers.get(HoldSnapshot.HEADER)))
            .withValue(TRANSACTION_KEY, "1".equals(headers.get(TRANSACTION)));
    return Contexts.interceptCall(context, call, headers, next);
  }
}
