package dev.shunt.cli.vtctld;

import com.google.protobuf.Message;
import dev.shunt.cli.render.GoJson;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import vtctlservice.VtctldGrpc;

/** A verb that calls a command service and prints the answer. */
@Reads({Reads.Group.CALLS})
public abstract class Verb implements Callable<Integer> {
  /** Set by the parser. */
  @Spec protected @Nullable CommandSpec spec;

  /** Makes the calls and prints; failures are exceptions. */
  protected abstract void run(VtctldGrpc.VtctldBlockingStub vtctld) throws Exception;

  @Override
  public final Integer call() throws Exception {
    try (Vtctld vtctld = new Vtctld(options());
        @Nullable CommandNotes _ =
            sendsCommands() ? new CommandNotes(vtctld, spec().commandLine().getErr()) : null) {
      run(vtctld.calls());
      String summary = vtctld.summary();
      if (!summary.isEmpty()) {
        PrintWriter err = spec().commandLine().getErr();
        err.println(summary);
        err.flush();
      }
    }
    return CommandLine.ExitCode.OK;
  }

  private boolean sendsCommands() {
    Reads reads = getClass().getAnnotation(Reads.class);
    return reads != null && List.of(reads.value()).contains(Reads.Group.COMMANDS);
  }

  /** The flags that verbs share; {@link Reads} says which of them one reads. */
  protected final GlobalOptions options() {
    return ((HasGlobalOptions) spec().root().userObject()).globalOptions();
  }

  /** Where the answer goes. */
  protected final PrintWriter out() {
    return spec().commandLine().getOut();
  }

  /** Says what is not as expected, beside the answer. */
  protected final void warn(String sentence) {
    PrintWriter err = spec().commandLine().getErr();
    err.println("Warning: " + sentence);
    err.flush();
  }

  /** Prints a message as JSON. */
  protected final void print(Message message) {
    out().println(options().compact ? GoJson.compact(message) : GoJson.message(message));
  }

  /** Whether a flag was given on the command line. */
  protected final boolean given(String flag) {
    OptionSpec option = spec().findOption(flag);
    return option != null && spec().commandLine().getParseResult().hasMatchedOption(option);
  }

  /** Refuses the command line. */
  protected final ParameterException refuse(String message) {
    return new ParameterException(spec().commandLine(), message);
  }

  /** Refuses the command line unless all these texts are there. */
  protected final void require(String... flagsAndValues) {
    List<String> missing = new ArrayList<>();
    for (int i = 0; i < flagsAndValues.length; i += 2) {
      if (flagsAndValues[i + 1].isEmpty()) {
        missing.add('"' + flagsAndValues[i] + '"');
      }
    }
    if (!missing.isEmpty()) {
      throw refuse("required flag(s) " + String.join(", ", missing) + " not set");
    }
  }

  private CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("not parsed");
    }
    return spec;
  }
}
