package dev.shunt.schemas.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;

/** What a new version of a schema must be able to read, and who must be able to read it. */
public enum Compatibility {
  NONE(false, false, false),
  BACKWARD(true, false, false),
  BACKWARD_TRANSITIVE(true, false, true),
  FORWARD(false, true, false),
  FORWARD_TRANSITIVE(false, true, true),
  FULL(true, true, false),
  FULL_TRANSITIVE(true, true, true);

  private final boolean readsOld;
  private final boolean readByOld;
  private final boolean transitive;

  Compatibility(boolean readsOld, boolean readByOld, boolean transitive) {
    this.readsOld = readsOld;
    this.readByOld = readByOld;
    this.transitive = transitive;
  }

  /** The level of a name in any case; IllegalArgumentException when there is none. */
  public static Compatibility parse(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  /**
   * Why a schema may not follow the versions there are.
   *
   * @param next the new schema
   * @param versions the versions there are, oldest first
   * @return one sentence for each problem; empty when it may
   */
  public List<String> problems(Schema next, List<Schema> versions) {
    List<Schema> compared =
        transitive || versions.isEmpty() ? versions : List.of(versions.getLast());
    List<String> problems = new ArrayList<>();
    for (Schema old : compared) {
      if (readsOld) {
        check(next, old, "the new schema cannot read the old one", problems);
      }
      if (readByOld) {
        check(old, next, "the old schema cannot read the new one", problems);
      }
    }
    return List.copyOf(problems);
  }

  private static void check(Schema reader, Schema writer, String what, List<String> problems) {
    var result = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
    if (result.getType() != SchemaCompatibilityType.COMPATIBLE) {
      result
          .getResult()
          .getIncompatibilities()
          .forEach(found ->
              problems.add(
                  "%s: %s at %s: %s"
                      .formatted(what, found.getType(), found.getLocation(), found.getMessage())));
    }
  }
}
