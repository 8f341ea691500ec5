package dev.shunt.command.refusing;

import dev.shunt.service.Words;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.TopoException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** Makes gRPC statuses of what went wrong, with the codes that Vitess gives. */
public final class Refusals {
  private Refusals() {}

  /** A status with a code by name, as commands' outcomes carry it; UNKNOWN for a strange name. */
  public static StatusRuntimeException of(String code, String message) {
    for (Status.Code known : Status.Code.values()) {
      if (known.name().equals(code) && known != Status.Code.OK) {
        return known.toStatus().withDescription(message).asRuntimeException();
      }
    }
    return Status.UNKNOWN.withDescription(message).asRuntimeException();
  }

  /** The arguments make no sense. */
  public static StatusRuntimeException invalid(String message) {
    return Status.INVALID_ARGUMENT.withDescription(message).asRuntimeException();
  }

  /** What is asked for is not there. */
  public static StatusRuntimeException notFound(String message) {
    return Status.NOT_FOUND.withDescription(message).asRuntimeException();
  }

  /** A topology record is not there; the sentence is Vitess's. */
  public static StatusRuntimeException noNode(String path) {
    return notFound("node doesn't exist: " + path);
  }

  /** The status that a caller gets for any failure. */
  public static StatusRuntimeException from(Throwable failure) {
    return switch (failure) {
      case StatusRuntimeException status -> status;
      case TopoException topo -> of(code(topo.kind()).name(), message(topo));
      case TabletException tablet -> of(tablet.code().name(), message(tablet));
      case IllegalArgumentException argument -> invalid(message(argument));
      default ->
          Status.INTERNAL.withDescription(message(failure)).withCause(failure).asRuntimeException();
    };
  }

  private static String message(Throwable failure) {
    return Words.of(failure);
  }

  private static Status.Code code(TopoException.Kind kind) {
    return switch (kind) {
      case NO_NODE -> Status.Code.NOT_FOUND;
      case NODE_EXISTS -> Status.Code.ALREADY_EXISTS;
      case BAD_VERSION, LOCK_LOST -> Status.Code.ABORTED;
      case TIMEOUT -> Status.Code.DEADLINE_EXCEEDED;
      case INVALID -> Status.Code.INVALID_ARGUMENT;
      case UNAVAILABLE -> Status.Code.UNAVAILABLE;
    };
  }
}
