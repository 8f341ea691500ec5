package dev.shunt.saga;

import dev.shunt.cluster.StreamsGoneException;
import dev.shunt.service.Words;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.TopoException;
import dev.shunt.workflow.RefusedException;
import io.grpc.Status;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** What an exception means for a run. */
public final class Failures {
  private Failures() {}

  /** gRPC code of a failure. */
  public static Status.Code code(Throwable failure) {
    return switch (failure) {
      case FailedException failed -> failed.code();
      case StreamsGoneException gone -> Status.Code.ABORTED;
      case RefusedException refused -> Status.Code.valueOf(refused.refusal().code().name());
      case TabletException tablet -> tablet.code();
      case TopoException topo ->
          switch (topo.kind()) {
            case NO_NODE -> Status.Code.NOT_FOUND;
            case NODE_EXISTS -> Status.Code.ALREADY_EXISTS;
            case BAD_VERSION, LOCK_LOST -> Status.Code.ABORTED;
            case TIMEOUT -> Status.Code.DEADLINE_EXCEEDED;
            case INVALID -> Status.Code.INVALID_ARGUMENT;
            case UNAVAILABLE -> Status.Code.UNAVAILABLE;
          };
      default -> Status.Code.INTERNAL;
    };
  }

  /** Sentence of a failure with those of the failures it carries along. */
  public static String message(Throwable failure) {
    StringBuilder text = new StringBuilder(Words.of(failure));
    for (Throwable other : failure.getSuppressed()) {
      text.append("; ").append(message(other));
    }
    return text.toString();
  }

  /** Whether somebody with a later lock acts on the workflow: this run must not go on. */
  public static boolean superseded(Throwable failure) {
    boolean itself =
        switch (failure) {
          case TopoException topo -> topo.kind() == TopoException.Kind.LOCK_LOST;
          case TabletException tablet -> tablet.fenced();
          default -> false;
        };
    if (itself) {
      return true;
    }
    for (Throwable other : failure.getSuppressed()) {
      if (superseded(other)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the failure comes from an interrupt of the thread. */
  public static boolean interrupted(@Nullable Throwable failure) {
    return failure instanceof InterruptedException
        || failure instanceof CancellationException
        || (failure instanceof TabletException tablet && tablet.code() == Status.Code.CANCELLED)
        || (failure != null
            && failure.getCause() != failure
            && failure.getCause() instanceof InterruptedException);
  }
}
