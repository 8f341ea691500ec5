package dev.shunt.schemas;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.avro.Schema;

/**
 * The types that more than one schema uses, the headers above all. Each has a file of its own,
 * {@code avro/shared/NAME.avsc}; a schema that uses one names it. Composed, a schema spells each
 * out where it comes first, so that what is registered and written stands alone.
 */
final class SharedTypes {
  /** Their names, each behind those that it uses itself. */
  static final List<String> NAMES =
      List.of(
          "CommandHeader",
          "EventHeader",
          "Direction",
          "OutcomeKind",
          "SignalKind",
          "CopyState",
          "StreamSources",
          "StreamStatus",
          "TableDiff");

  private final Map<String, Schema> byName = new LinkedHashMap<>();

  /**
   * @param texts the text of each type's file, by its name
   */
  SharedTypes(UnaryOperator<String> texts) {
    NAMES.forEach(name -> byName.put(name, compose(name, texts.apply(name))));
  }

  /**
   * The whole schema that a text stands for.
   *
   * @param name simple name of the type that the text defines; may be one of the shared
   * @param text as a file has it
   */
  Schema compose(String name, String text) {
    List<Schema> others =
        byName.entrySet().stream()
            .filter(type -> !type.getKey().equals(name))
            .map(Map.Entry::getValue)
            .toList();
    return new Schema.Parser().addTypes(others).parse(text);
  }
}
