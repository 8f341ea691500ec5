package dev.shunt.cli.workflows;

import com.google.protobuf.Message;
import dev.shunt.cli.vtctld.Format;
import dev.shunt.cli.vtctld.Reads;
import dev.shunt.cli.vtctld.Verb;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParentCommand;
import vtctlservice.VtctldGrpc;

/** An action on the workflow that its parent names. */
@Reads({Reads.Group.CALLS, Reads.Group.MESSAGES, Reads.Group.ISSUES, Reads.Group.COMMANDS})
abstract class WorkflowVerb extends Verb {
  @ParentCommand @Nullable OfWorkflow parent;

  /** Makes the calls and prints. */
  abstract void act(VtctldGrpc.VtctldBlockingStub vtctld) throws Exception;

  @Override
  protected final void run(VtctldGrpc.VtctldBlockingStub vtctld) throws Exception {
    require("target-keyspace", keyspace(), "workflow", workflow());
    act(vtctld);
  }

  final String workflow() {
    return target().workflow;
  }

  final String keyspace() {
    return target().keyspace;
  }

  final boolean json() {
    return target().format == Format.JSON;
  }

  /** Prints the message in JSON when that is wanted, else the text. */
  final void print(Message message, String text) {
    if (json()) {
      print(message);
    } else {
      out().println(text);
    }
  }

  private Target target() {
    if (parent == null) {
      throw new IllegalStateException("not parsed");
    }
    return parent.target();
  }
}
