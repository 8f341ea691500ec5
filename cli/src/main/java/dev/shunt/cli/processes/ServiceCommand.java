package dev.shunt.cli.processes;

import dev.shunt.service.ServiceMain;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code service NAME --config FILE}: runs one service until it is asked to stop. */
@Command(
    name = "service",
    description =
        "Runs one service as this process. Prints a line of JSON when it is ready; ends on SIGTERM"
            + " and Ctrl-C.")
public final class ServiceCommand implements Callable<Integer> {
  @Spec @Nullable CommandSpec spec;

  @Parameters(
      paramLabel = "NAME",
      description = "One of: ${COMPLETION-CANDIDATES}",
      completionCandidates = ServiceNames.class)
  String name = "";

  @Option(names = "--config", paramLabel = "FILE", description = "Configuration in YAML.")
  @Nullable Path config;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A key of the configuration, for instance kafka.bootstrapServers=h:9092.")
  Map<String, String> flags = new LinkedHashMap<>();

  /** Names of all services, sorted. */
  public static Set<String> names() {
    return ServiceFactory.ALL.keySet();
  }

  @Override
  public Integer call() {
    ServiceFactory<?> factory = ServiceFactory.ALL.get(name);
    if (factory == null) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(),
          "unknown service '%s': one of %s".formatted(name, String.join(", ", names())));
    }
    try (OwnedService service = factory.open(config, System.getenv(), flags)) {
      ServiceMain.run(service, new PrintStream(System.out, true, StandardCharsets.UTF_8));
    }
    return 0;
  }
}
