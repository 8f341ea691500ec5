package dev.shunt.cli.processes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.shunt.tablet.TabletConfig;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The samples in {@code deploy/config}: complete, loadable, and true about the defaults. */
class SampleConfigTest {
  private static final Path SAMPLES = Path.of("../deploy/config");
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  /** Keys that a sample can't show the default of. */
  private static final Map<String, Map<String, String>> REPLACED =
      Map.of(
          "broker", Map.of("directory", BrokerConfig.defaults().directory()),
          "workflow-state",
              Map.of(
                  "stateDirectory",
                  System.getProperty("java.io.tmpdir") + "/shunt-workflow-state"));

  static Set<String> services() {
    return ServiceCommand.names();
  }

  @Test
  void thereIsOneForEachService() throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.list(SAMPLES)) {
      files.forEach(file -> names.add(file.getFileName().toString().replace(".yaml", "")));
    }

    assertThat(names).isEqualTo(services());
  }

  @ParameterizedTest
  @MethodSource("services")
  void showsTheDefaults(String service) {
    ServiceFactory<?> factory = ServiceFactory.ALL.get(service);

    Record loaded = factory.load(file(service), Map.of(), REPLACED.getOrDefault(service, Map.of()));

    Record expected =
        service.equals("tablet") ? TabletConfig.defaults(100, "commerce", "0") : factory.defaults();
    assertThat(loaded).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("services")
  void showsEveryKey(String service) throws IOException {
    JsonNode sample = YAML.readTree(file(service).toFile());

    Set<String> shown = new TreeSet<>();
    keys(sample, "", shown);
    Set<String> known = new TreeSet<>();
    keys(ServiceFactory.ALL.get(service).defaults().getClass(), "", known);
    assertThat(shown).isEqualTo(known);
  }

  private static Path file(String service) {
    return SAMPLES.resolve(service + ".yaml");
  }

  private static void keys(JsonNode node, String path, Set<String> into) {
    node.properties()
        .forEach(entry -> {
          into.add(path + entry.getKey());
          keys(entry.getValue(), path + entry.getKey() + ".", into);
        });
  }

  private static void keys(Class<?> type, String path, Set<String> into) {
    for (RecordComponent component : type.getRecordComponents()) {
      into.add(path + component.getName());
      if (component.getType().isRecord()) {
        keys(component.getType(), path + component.getName() + ".", into);
      }
    }
  }
}
