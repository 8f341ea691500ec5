package dev.shunt.schemas;

import dev.shunt.schemas.registry.Compatibility;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/**
 * Compares schemas with what they were: one folder a record, {@code 1.avsc}, {@code 2.avsc}, … in
 * it, the newest equal to the schema in use. Committed files stay as they are.
 */
final class SchemaHistory {
  private final Path root;

  SchemaHistory(Path root) {
    this.root = root;
  }

  /** What is wrong with a schema and its history, each with what to do; empty when all is well. */
  List<String> problems(Schema current) throws IOException {
    Path folder = root.resolve(current.getName());
    List<Schema> versions = new ArrayList<>();
    while (Files.exists(file(folder, versions.size() + 1))) {
      versions.add(new Schema.Parser().parse(Files.readString(file(folder, versions.size() + 1))));
    }
    List<String> problems = new ArrayList<>();
    for (int i = 0; i < versions.size(); i++) {
      for (String problem :
          Compatibility.FULL_TRANSITIVE.problems(versions.get(i), versions.subList(0, i))) {
        problems.add(file(folder, i + 1) + ": " + problem);
      }
    }
    for (String problem : Compatibility.FULL_TRANSITIVE.problems(current, versions)) {
      problems.add(
          current.getName() + ".avsc: " + problem + "; keep what was there and add with a default");
    }
    if (versions.isEmpty() || !versions.getLast().toString().equals(current.toString())) {
      problems.add(
          current.getName()
              + ".avsc has changed: copy it to schemas/"
              + file(folder, versions.size() + 1));
    }
    return problems;
  }

  private static Path file(Path folder, int version) {
    return folder.resolve(version + ".avsc");
  }
}
