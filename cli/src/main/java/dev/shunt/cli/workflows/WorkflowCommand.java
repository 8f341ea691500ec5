package dev.shunt.cli.workflows;

import binlogdata.Binlogdata.OnDDLAction;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.cli.render.GoJson;
import dev.shunt.cli.vtctld.Reads;
import dev.shunt.cli.vtctld.TabletTypeConverter;
import dev.shunt.cli.vtctld.Verb;
import io.vitess.proto.Topodata.TabletType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.ScopeType;
import tabletmanagerdata.Tabletmanagerdata.TabletSelectionPreference;
import tabletmanagerdata.Tabletmanagerdata.UpdateVReplicationWorkflowRequest;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/** {@code workflow --keyspace K ACTION}. */
@Command(
    name = "workflow",
    description = "Looks at and changes workflows of any kind.",
    subcommands = {
      WorkflowCommand.ListNames.class,
      WorkflowCommand.Show.class,
      WorkflowCommand.Start.class,
      WorkflowCommand.Stop.class,
      WorkflowCommand.Update.class,
      WorkflowCommand.Delete.class
    })
public final class WorkflowCommand {
  /** The target keyspace. */
  @Option(
      names = {"-k", "--keyspace"},
      scope = ScopeType.INHERIT,
      defaultValue = "",
      description = "Target keyspace of the workflows.")
  public String keyspace = "";

  /** An action of this command. */
  abstract static class Action extends Verb {
    @ParentCommand @Nullable WorkflowCommand parent;

    @Option(names = "--shards", split = ",", description = "Only these target shards.")
    List<String> shards = new ArrayList<>();

    final String keyspace() {
      return parent == null ? "" : parent.keyspace;
    }
  }

  /** An action on one workflow. */
  abstract static class OnOne extends Action {
    @Option(
        names = {"-w", "--workflow"},
        defaultValue = "",
        description = "The workflow.")
    String workflow = "";

    final void requireWorkflow() {
      require("keyspace", keyspace(), "workflow", workflow);
    }
  }

  /** Names of the workflows. */
  @Command(name = "list", description = "Lists the names of a keyspace's workflows.")
  static final class ListNames extends Action {
    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      require("keyspace", keyspace());
      Vtctldata.GetWorkflowsResponse answer =
          vtctld.getWorkflows(
              Vtctldata.GetWorkflowsRequest.newBuilder()
                  .setKeyspace(keyspace())
                  .setNameOnly(true)
                  .addAllShards(shards)
                  .build());
      out()
          .println(
              GoJson.plain(
                  answer.getWorkflowsList().stream()
                      .map(Vtctldata.Workflow::getName)
                      .sorted()
                      .toList()));
    }
  }

  /** Everything about one workflow. */
  @Command(name = "show", description = "Shows everything about a workflow.")
  @Reads({Reads.Group.CALLS, Reads.Group.MESSAGES})
  static final class Show extends OnOne {
    @Option(
        names = "--include-logs",
        arity = "0..1",
        defaultValue = "true",
        fallbackValue = "true",
        description = "With the logs of its streams (default: true).")
    boolean includeLogs = true;

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      requireWorkflow();
      print(
          vtctld.getWorkflows(
              Vtctldata.GetWorkflowsRequest.newBuilder()
                  .setKeyspace(keyspace())
                  .setWorkflow(workflow)
                  .setIncludeLogs(includeLogs)
                  .addAllShards(shards)
                  .build()));
    }
  }

  /** Starts. */
  @Command(name = "start", description = "Starts a workflow.")
  @Reads({Reads.Group.CALLS, Reads.Group.MESSAGES, Reads.Group.ISSUES, Reads.Group.COMMANDS})
  static final class Start extends OnOne {
    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      requireWorkflow();
      print(
          TabletOrder.sorted(
              vtctld.workflowUpdate(
                  UpdateRequests.state(
                      keyspace(), workflow, shards, VReplicationWorkflowState.Running))));
    }
  }

  /** Stops. */
  @Command(name = "stop", description = "Stops a workflow.")
  @Reads({Reads.Group.CALLS, Reads.Group.MESSAGES, Reads.Group.ISSUES, Reads.Group.COMMANDS})
  static final class Stop extends OnOne {
    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      requireWorkflow();
      print(
          TabletOrder.sorted(
              vtctld.workflowUpdate(
                  UpdateRequests.state(
                      keyspace(), workflow, shards, VReplicationWorkflowState.Stopped))));
    }
  }

  /** Changes settings. */
  @Command(name = "update", description = "Changes the settings of a workflow.")
  @Reads({Reads.Group.CALLS, Reads.Group.MESSAGES, Reads.Group.ISSUES, Reads.Group.COMMANDS})
  static final class Update extends OnOne {
    @Option(
        names = {"-c", "--cells"},
        split = ",",
        description = "Cells to stream from.")
    List<String> cells = new ArrayList<>();

    @Option(
        names = "--config-overrides",
        split = ",",
        description =
            "Settings as key=value, such as vreplication-parallel-insert-workers=4. They replace"
                + " all that were given before; with an empty value only that one goes.")
    Map<String, String> configOverrides = new LinkedHashMap<>();

    @Option(
        names = "--on-ddl",
        defaultValue = "",
        description = "IGNORE, STOP, EXEC or EXEC_IGNORE.")
    String onDdl = "";

    @Option(
        names = {"-t", "--tablet-types"},
        split = ",",
        converter = TabletTypeConverter.class,
        description = "Types of tablets to stream from.")
    List<TabletType> tabletTypes = new ArrayList<>();

    @Option(
        names = "--tablet-types-in-order",
        arity = "0..1",
        defaultValue = "true",
        fallbackValue = "true",
        description = "Prefer the types in that order (default: true).")
    boolean inOrder = true;

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      requireWorkflow();
      UpdateVReplicationWorkflowRequest.Builder change = UpdateRequests.nothing(workflow, shards);
      boolean changes = given("--config-overrides");
      change.putAllConfigOverrides(configOverrides);
      if (given("--cells")) {
        changes = true;
        change.clearCells().addAllCells(cells.stream().map(String::strip).toList());
      }
      if (given("--tablet-types")) {
        changes = true;
        change.clearTabletTypes().addAllTabletTypes(tabletTypes);
        change.setTabletSelectionPreference(
            inOrder ? TabletSelectionPreference.INORDER : TabletSelectionPreference.ANY);
      }
      if (given("--on-ddl")) {
        changes = true;
        change.setOnDdl(onDdl());
      }
      if (!changes) {
        throw refuse("no configuration options specified to update");
      }
      print(
          TabletOrder.sorted(
              vtctld.workflowUpdate(
                  Vtctldata.WorkflowUpdateRequest.newBuilder()
                      .setKeyspace(keyspace())
                      .setTabletRequest(change)
                      .build())));
    }

    private OnDDLAction onDdl() {
      for (OnDDLAction action : OnDDLAction.values()) {
        if (action != OnDDLAction.UNRECOGNIZED && action.name().equalsIgnoreCase(onDdl)) {
          return action;
        }
      }
      throw refuse("invalid on-ddl value: " + onDdl);
    }
  }

  /** Removes a workflow. */
  @Command(name = "delete", description = "Removes a workflow.")
  @Reads({Reads.Group.CALLS, Reads.Group.MESSAGES, Reads.Group.ISSUES, Reads.Group.COMMANDS})
  static final class Delete extends Verb {
    @ParentCommand @Nullable WorkflowCommand parent;

    @Option(
        names = {"-w", "--workflow"},
        defaultValue = "",
        description = "The workflow.")
    String workflow = "";

    @Mixin DeleteOptions delete = new DeleteOptions();

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      String keyspace = parent == null ? "" : parent.keyspace;
      require("keyspace", keyspace, "workflow", workflow);
      print(TabletOrder.sorted(vtctld.workflowDelete(delete.request(keyspace, workflow))));
    }
  }
}
