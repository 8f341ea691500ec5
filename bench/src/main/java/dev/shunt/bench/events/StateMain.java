package dev.shunt.bench.events;

import dev.shunt.schemas.registry.HttpRegistryClient;
import dev.shunt.service.KafkaSettings;
import dev.shunt.service.ServiceMain;
import dev.shunt.workflowstate.WorkflowStateConfig;
import dev.shunt.workflowstate.WorkflowStateService;
import java.nio.file.Path;
import java.util.Locale;

/** An instance of workflow-state as this process, with the settings that a cluster has. */
public final class StateMain {
  private StateMain() {}

  /** Arguments: bootstrap servers, address of the registry, folder of its state. */
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // as in every process of Shunt
    KafkaSettings kafka = KafkaSettings.defaults().at(arguments[0], arguments[1]);
    try (HttpRegistryClient registry = new HttpRegistryClient(kafka.registryUrl())) {
      ServiceMain.run(
          new WorkflowStateService(config(kafka, Path.of(arguments[2])), registry), System.out);
    }
    System.exit(0);
  }

  private static WorkflowStateConfig config(KafkaSettings kafka, Path folder) {
    WorkflowStateConfig defaults = WorkflowStateConfig.defaults();
    return new WorkflowStateConfig(
        kafka,
        defaults.applicationId(),
        folder.toString(),
        defaults.standbyReplicas(),
        defaults.commitInterval());
  }
}
