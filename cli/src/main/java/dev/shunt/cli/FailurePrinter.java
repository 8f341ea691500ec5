package dev.shunt.cli;

import com.google.common.base.CaseFormat;
import dev.shunt.service.Redaction;
import dev.shunt.service.Words;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/**
 * Prints failures as one line on the error stream; the exit code is 1, or 2 for what is not there
 * yet.
 */
final class FailurePrinter implements IExecutionExceptionHandler {
  @Override
  public int handleExecutionException(
      Exception failure, CommandLine commandLine, ParseResult parsed) {
    boolean notServed =
        failure instanceof StatusRuntimeException refused
            && refused.getStatus().getCode() == Status.Code.UNIMPLEMENTED;
    String words =
        notServed && saysNothing((StatusRuntimeException) failure)
            ? "not there yet: %s; the command service does not serve it"
                .formatted(Flags.path(commandLine.getCommandSpec()))
            : sentence(failure);
    commandLine.getErr().println("Error: " + Redaction.of(words));
    commandLine.getErr().flush();
    return notServed ? VitessVerbs.NOT_SERVED : CommandLine.ExitCode.SOFTWARE;
  }

  /** Whether gRPC itself says that there is no such method, in its own words. */
  private static boolean saysNothing(StatusRuntimeException refused) {
    String text = Objects.requireNonNullElse(refused.getStatus().getDescription(), "");
    return text.isEmpty() || text.startsWith("Method ") || text.startsWith("unknown method ");
  }

  /** The text that Go's clients make of a status, which scripts match on. */
  static String sentence(Exception failure) {
    if (failure instanceof StatusRuntimeException status) {
      String text = Objects.requireNonNullElse(status.getStatus().getDescription(), "");
      if (status.getStatus().getCode() == Status.Code.UNAVAILABLE && status.getCause() != null) {
        text += ": " + Words.of(status.getCause());
        if (text.contains("Connection refused")) {
          text += "; is `./shunt up` running? Another command service is named by --server";
        }
      }
      return "rpc error: code = %s desc = %s".formatted(goName(status.getStatus().getCode()), text);
    }
    return Words.of(failure);
  }

  private static String goName(Status.Code code) {
    return code == Status.Code.CANCELLED
        ? "Canceled"
        : CaseFormat.UPPER_UNDERSCORE.to(CaseFormat.UPPER_CAMEL, code.name());
  }
}
