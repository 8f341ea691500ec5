package dev.shunt.cli.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.cli.PlainWords;
import dev.shunt.service.ConfigException;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every key of every service, given each kind of value that it can't have. */
class ConfigWordsTest {
  private static final List<String> VALUES =
      List.of("x", "[a, b]", "{a: b}", "-5", "", "1.5", "{}");

  private static List<String> keys(Class<?> record, String prefix) {
    List<String> keys = new ArrayList<>();
    for (RecordComponent component : record.getRecordComponents()) {
      keys.add(prefix + component.getName());
      if (component.getType().isRecord()) {
        keys.addAll(keys(component.getType(), prefix + component.getName() + "."));
      }
    }
    return keys;
  }

  @Test
  void wrongValuesAreRefusedInWords() {
    int refused = 0;
    for (Map.Entry<String, ServiceFactory<?>> service : ServiceFactory.ALL.entrySet()) {
      for (String key : keys(service.getValue().defaults().getClass(), "")) {
        for (String value : VALUES) {
          try {
            var unused = service.getValue().load(null, Map.of(), Map.of(key, value));
          } catch (ConfigException e) {
            String what = "%s --set %s=%s".formatted(service.getKey(), key, value);
            PlainWords.check(what, String.valueOf(e.getMessage()));
            assertThat(e.getMessage()).as(what).startsWith("configuration key ");
            refused++;
          }
        }
      }
    }
    assertThat(refused).isGreaterThan(150);
  }

  private static void refuses(String key, String value, String message) {
    assertThatThrownBy(
            () -> ServiceFactory.ALL.get("copy").load(null, Map.of(), Map.of(key, value)))
        .isInstanceOf(ConfigException.class)
        .hasMessage("configuration key " + message);
  }

  @Test
  void saysWhatKindOfValueIsExpected() {
    refuses("topo.endpoints", "x", "topo.endpoints: 'x' is not a list: write [a, b]");
    refuses("lockTtlSeconds", "[1, 2]", "lockTtlSeconds: '[1, 2]' is not a whole number");
    refuses("lockTtlSeconds", "x", "lockTtlSeconds: 'x' is not a whole number");
    refuses("refuseAfterDifferences", "x", "refuseAfterDifferences: 'x' is not true or false");
    refuses("kafka", "[a]", "kafka: a list is not a mapping of keys to values: write {key: value}");
    refuses(
        "topo.root",
        "x",
        "topo.root: unknown; the keys here are directory, endpoints,"
            + " globalRoot, implementation");
  }

  @Test
  void refusesAFolderThatKafkaTakesForTwo() {
    assertThatThrownBy(() ->
            ServiceFactory.ALL.get("broker").load(null, Map.of(), Map.of("directory", "/tmp/a,b")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("directory has a ','");
  }

  @Test
  void aFileThatIsNoConfigurationIsRefusedInWords(@TempDir Path folder) throws IOException {
    for (String text :
        List.of(
            "- a\n- b\n",
            "just text",
            "a: [",
            "kafka: 5",
            "kafka:\n",
            "topo: {endpoints: }",
            "\t",
            "a: b: c")) {
      Path file = Files.writeString(folder.resolve("config.yaml"), text);
      assertThatThrownBy(() -> ServiceFactory.ALL.get("copy").load(file, Map.of(), Map.of()))
          .as(text)
          .isInstanceOf(ConfigException.class)
          .satisfies(e -> PlainWords.check(text, String.valueOf(e.getMessage())));
    }
    Path binary = Files.write(folder.resolve("binary.yaml"), new byte[] {(byte) 0xff, 0, 1});
    assertThatThrownBy(() -> ServiceFactory.ALL.get("copy").load(binary, Map.of(), Map.of()))
        .isInstanceOf(ConfigException.class)
        .satisfies(e -> PlainWords.check("binary", String.valueOf(e.getMessage())));
  }
}
