package dev.shunt.cli.processes;

import dev.shunt.command.CommandService;
import dev.shunt.command.CommandServiceConfig;
import dev.shunt.copy.CopyConfig;
import dev.shunt.copy.CopyService;
import dev.shunt.service.ConfigLoader;
import dev.shunt.switcher.SwitcherConfig;
import dev.shunt.switcher.SwitcherService;
import dev.shunt.topowatcher.TopoWatcherConfig;
import dev.shunt.topowatcher.TopoWatcherService;
import dev.shunt.vdiff.VDiffConfig;
import dev.shunt.vdiff.VDiffService;
import dev.shunt.workflowstate.WorkflowStateConfig;
import dev.shunt.workflowstate.WorkflowStateService;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes a service of its configuration. */
@FunctionalInterface
interface ServiceFactory {
  /** Every service by its name. */
  SortedMap<String, ServiceFactory> ALL =
      new TreeMap<>(
          Map.of(
              "command", ServiceFactory::command,
              "copy", ServiceFactory::copy,
              "switcher", ServiceFactory::switcher,
              "tablet", TabletProcess::open,
              "vdiff", ServiceFactory::vdiff,
              "topo-watcher", ServiceFactory::topoWatcher,
              "workflow-state", ServiceFactory::workflowState));

  /**
   * Opens what the service needs and wires it; it is started by the caller.
   *
   * @param file configuration in YAML, or null
   * @param environment of the process
   * @param flags values by key
   */
  OwnedService open(
      @Nullable Path file, Map<String, String> environment, Map<String, String> flags);

  private static OwnedService command(
      @Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
    CommandServiceConfig config =
        ConfigLoader.load(CommandServiceConfig.defaults(), file, environment, flags);
    Parts parts = new Parts();
    return parts.with(CommandService.over(config, parts.topo(config.topo()), parts.tablets()));
  }

  private static OwnedService copy(
      @Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
    CopyConfig config = ConfigLoader.load(CopyConfig.defaults(), file, environment, flags);
    Parts parts = new Parts();
    return parts.with(
        new CopyService(
            config, parts.topo(config.topo()), parts.tablets(), parts.registry(config.kafka())));
  }

  private static OwnedService topoWatcher(
      @Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
    TopoWatcherConfig config =
        ConfigLoader.load(TopoWatcherConfig.defaults(), file, environment, flags);
    Parts parts = new Parts();
    return parts.with(
        new TopoWatcherService(
            config, parts.topo(config.topo()), parts.tablets(), parts.registry(config.kafka())));
  }

  private static OwnedService workflowState(
      @Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
    WorkflowStateConfig config =
        ConfigLoader.load(WorkflowStateConfig.defaults(), file, environment, flags);
    Parts parts = new Parts();
    return parts.with(new WorkflowStateService(config, parts.registry(config.kafka())));
  }

  private static OwnedService switcher(
      @Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
    SwitcherConfig config = ConfigLoader.load(SwitcherConfig.defaults(), file, environment, flags);
    Parts parts = new Parts();
    return parts.with(
        new SwitcherService(
            config, parts.topo(config.topo()), parts.tablets(), parts.registry(config.kafka())));
  }

  private static OwnedService vdiff(
      @Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
    VDiffConfig config = ConfigLoader.load(VDiffConfig.defaults(), file, environment, flags);
    Parts parts = new Parts();
    return parts.with(
        new VDiffService(
            config, parts.topo(config.topo()), parts.tablets(), parts.registry(config.kafka())));
  }
}
