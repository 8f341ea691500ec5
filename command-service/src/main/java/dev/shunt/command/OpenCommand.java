package dev.shunt.command;

import com.google.protobuf.StringValue;
import dev.shunt.schemas.InFlight;
import dev.shunt.schemas.Waiting;
import dev.shunt.schemas.WorkflowStatus;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A method of the service {@code dev.shunt.Commands}, which a command service serves beside
 * Vitess's: what a command that has not ended is at or waits for. The request is the command's id;
 * the answer has two lines, the first one for whoever waits, the second one for whoever no longer
 * wants to. It is empty when the command has ended, or nothing is known of it.
 */
public final class OpenCommand {
  /** The method, for both sides. */
  public static final MethodDescriptor<StringValue, StringValue> METHOD =
      MethodDescriptor.<StringValue, StringValue>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(
              MethodDescriptor.generateFullMethodName("dev.shunt.Commands", "Describe"))
          .setRequestMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
          .build();

  private OpenCommand() {}

  /** The service for a gRPC server; the function gives the answer for an id. */
  public static ServerServiceDefinition service(UnaryOperator<String> describe) {
    return ServerServiceDefinition.builder("dev.shunt.Commands")
        .addMethod(
            METHOD,
            ServerCalls.asyncUnaryCall((request, observer) -> {
              observer.onNext(StringValue.of(describe.apply(request.getValue())));
              observer.onCompleted();
            }))
        .build();
  }

  /** What is said of a command, as the states of the workflows have it. */
  static String describe(Collection<WorkflowStatus> all, String id) {
    for (WorkflowStatus status : all) {
      Optional<InFlight> running = status.inFlight(id);
      if (running.isPresent()) {
        return running(status, running.get());
      }
      for (Waiting waiting : status.waiting()) {
        if (waiting.commandId().equals(id)) {
          return waiting(status, waiting);
        }
      }
    }
    return "";
  }

  private static String running(WorkflowStatus status, InFlight running) {
    return ("command %s (%s) is admitted and is carried out since %s: %s\n"
            + "It goes on. `shunt commands list` shows it; when it can't go on, `shunt commands"
            + " abandon %s --reason …` ends it where it is.")
        .formatted(
            running.commandId(),
            what(running.commandType(), status),
            Instant.ofEpochMilli(running.admittedAt()),
            step(running),
            running.commandId());
  }

  private static String waiting(WorkflowStatus status, Waiting waiting) {
    InFlight ahead = status.inFlight(waiting.behind()).orElse(null);
    String behind =
        ahead == null
            ? waiting.behind()
            : "%s (%s), %s".formatted(waiting.behind(), ahead.commandType(), step(ahead));
    String late =
        waiting.beginBefore() == 0
            ? ""
            : "; it is not begun after " + Instant.ofEpochMilli(waiting.beginBefore());
    return ("command %s (%s) is admitted to the line of its workflow and waits since %s behind"
            + " %s%s\n"
            + "`shunt commands cancel %s` takes it back as long as it waits; else it is begun"
            + " when its turn comes.")
        .formatted(
            waiting.commandId(),
            what(waiting.commandType(), status),
            Instant.ofEpochMilli(waiting.since()),
            behind,
            late,
            waiting.commandId());
  }

  private static String what(String type, WorkflowStatus status) {
    return "%s of %s.%s".formatted(type, status.keyspace(), status.workflow());
  }

  private static String step(InFlight running) {
    return running.step().isEmpty() ? "not begun yet" : "step " + running.step();
  }
}
