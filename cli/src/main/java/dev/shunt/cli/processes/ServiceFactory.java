package dev.shunt.cli.processes;

import dev.shunt.command.CommandService;
import dev.shunt.command.CommandServiceConfig;
import dev.shunt.copy.CopyConfig;
import dev.shunt.copy.CopyService;
import dev.shunt.service.ConfigLoader;
import dev.shunt.service.Service;
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
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Makes a service of its configuration.
 *
 * @param defaults configuration with every default
 * @param wiring makes the service of its configuration, and of parts that are opened for it
 * @param <C> configuration
 */
record ServiceFactory<C extends Record>(
    C defaults, BiFunction<C, ServiceResources, Service> wiring) {
  /** Every service by its name. */
  static final SortedMap<String, ServiceFactory<?>> ALL =
      new TreeMap<>(
          Map.of(
              "broker", new ServiceFactory<>(BrokerConfig.defaults(), BrokerService::new),
              "command",
                  new ServiceFactory<>(CommandServiceConfig.defaults(), ServiceFactory::command),
              "copy", new ServiceFactory<>(CopyConfig.defaults(), ServiceFactory::copy),
              "switcher", new ServiceFactory<>(SwitcherConfig.defaults(), ServiceFactory::switcher),
              "tablet", new ServiceFactory<>(TabletFactory.NAMELESS, TabletFactory::wire),
              "topo-watcher",
                  new ServiceFactory<>(TopoWatcherConfig.defaults(), ServiceFactory::topoWatcher),
              "vdiff", new ServiceFactory<>(VDiffConfig.defaults(), ServiceFactory::vdiff),
              "workflow-state",
                  new ServiceFactory<>(
                      WorkflowStateConfig.defaults(), ServiceFactory::workflowState)));

  /**
   * Reads a configuration.
   *
   * @param file configuration in YAML, or null
   * @param environment of the process
   * @param flags values by key
   */
  C load(@Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
    return ConfigLoader.load(defaults, file, environment, flags);
  }

  /** Opens what the service needs and wires it; it is started by the caller. */
  OwnedService open(
      @Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
    C config = load(file, environment, flags);
    ServiceResources resources = new ServiceResources();
    return resources.with(wiring.apply(config, resources));
  }

  private static Service command(CommandServiceConfig config, ServiceResources resources) {
    return CommandService.over(config, resources.topo(config.topo()), resources.tablets());
  }

  private static Service copy(CopyConfig config, ServiceResources resources) {
    return resources.afterTopics(
        config.kafka(),
        new CopyService(
            config,
            resources.topo(config.topo()),
            resources.tablets(),
            resources.registry(config.kafka())));
  }

  private static Service switcher(SwitcherConfig config, ServiceResources resources) {
    return resources.afterTopics(
        config.kafka(),
        new SwitcherService(
            config,
            resources.topo(config.topo()),
            resources.tablets(),
            resources.registry(config.kafka())));
  }

  private static Service vdiff(VDiffConfig config, ServiceResources resources) {
    return resources.afterTopics(
        config.kafka(),
        new VDiffService(
            config,
            resources.topo(config.topo()),
            resources.tablets(),
            resources.registry(config.kafka())));
  }

  private static Service topoWatcher(TopoWatcherConfig config, ServiceResources resources) {
    return new TopoWatcherService(
        config,
        resources.topo(config.topo()),
        resources.tablets(),
        resources.registry(config.kafka()));
  }

  private static Service workflowState(WorkflowStateConfig config, ServiceResources resources) {
    return new WorkflowStateService(config, resources.registry(config.kafka()));
  }
}
