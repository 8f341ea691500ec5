package dev.shunt.cli.vdiff;

import dev.shunt.cli.vtctld.Verb;
import dev.shunt.cli.workflows.Target;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/** {@code vdiff --workflow W --target-keyspace K ACTION}. */
@Command(
    name = "vdiff",
    description = "Compares the source and the target of a workflow row by row.",
    subcommands = {
      VDiffCreateVerb.class,
      VDiffCommand.Show.class,
      VDiffCommand.Delete.class,
      VDiffCommand.Resume.class,
      VDiffCommand.Stop.class
    })
public final class VDiffCommand {
  /** Which workflow. */
  @Mixin public Target target = new Target();

  /** An action on a diff. */
  abstract static class Action extends Verb {
    @ParentCommand @Nullable VDiffCommand parent;

    abstract void act(VtctldGrpc.VtctldBlockingStub vtctld) throws Exception;

    @Override
    protected final void run(VtctldGrpc.VtctldBlockingStub vtctld) throws Exception {
      require("target-keyspace", target().keyspace, "workflow", target().workflow);
      act(vtctld);
    }

    final Target target() {
      if (parent == null) {
        throw new IllegalStateException("not parsed");
      }
      return parent.target;
    }

    final String uuid(String text) {
      try {
        return UUID.fromString(text).toString();
      } catch (IllegalArgumentException e) {
        throw refuse("invalid UUID provided: " + text);
      }
    }

    final DiffPrinter printer(boolean verbose) {
      return new DiffPrinter(out(), target(), verbose);
    }
  }

  /** Shows diffs. */
  @Command(name = "show", description = "Shows all diffs of a workflow, the last, or one.")
  static final class Show extends Action {
    @Parameters(paramLabel = "all|last|UUID")
    String which = "";

    @Option(
        names = "--verbose",
        arity = "0..1",
        fallbackValue = "true",
        description = "With each table, even when nothing differs.")
    boolean verbose;

    @Override
    void act(VtctldGrpc.VtctldBlockingStub vtctld) {
      String arg =
          which.equalsIgnoreCase("all") || which.equalsIgnoreCase("last")
              ? which.toLowerCase(Locale.ROOT)
              : uuid(which);
      Vtctldata.VDiffShowResponse answer =
          vtctld.vDiffShow(
              Vtctldata.VDiffShowRequest.newBuilder()
                  .setWorkflow(target().workflow)
                  .setTargetKeyspace(target().keyspace)
                  .setArg(arg)
                  .build());
      printer(verbose).show(arg, answer);
    }
  }

  /** Deletes diffs. */
  @Command(name = "delete", hidden = true, description = "Deletes a diff, or all of a workflow.")
  static final class Delete extends Action {
    @Parameters(paramLabel = "all|UUID")
    String which = "";

    @Override
    void act(VtctldGrpc.VtctldBlockingStub vtctld) {
      var unused =
          vtctld.vDiffDelete(
              Vtctldata.VDiffDeleteRequest.newBuilder()
                  .setWorkflow(target().workflow)
                  .setTargetKeyspace(target().keyspace)
                  .setArg(which.equalsIgnoreCase("all") ? "all" : uuid(which))
                  .build());
      printer(false).action("delete", "completed");
    }
  }

  /** Resumes a diff. */
  @Command(
      name = "resume",
      hidden = true,
      description = "Goes on with a diff that was stopped or has ended.")
  static final class Resume extends Action {
    @Parameters(paramLabel = "UUID")
    String which = "";

    @Override
    void act(VtctldGrpc.VtctldBlockingStub vtctld) {
      var unused =
          vtctld.vDiffResume(
              Vtctldata.VDiffResumeRequest.newBuilder()
                  .setWorkflow(target().workflow)
                  .setTargetKeyspace(target().keyspace)
                  .setUuid(uuid(which))
                  .build());
      printer(false).action("resume", "scheduled");
    }
  }

  /** Stops a diff. */
  @Command(name = "stop", hidden = true, description = "Stops a diff.")
  static final class Stop extends Action {
    @Parameters(paramLabel = "UUID")
    String which = "";

    @Override
    void act(VtctldGrpc.VtctldBlockingStub vtctld) {
      var unused =
          vtctld.vDiffStop(
              Vtctldata.VDiffStopRequest.newBuilder()
                  .setWorkflow(target().workflow)
                  .setTargetKeyspace(target().keyspace)
                  .setUuid(uuid(which))
                  .build());
      printer(false).action("stop", "completed");
    }
  }
}
