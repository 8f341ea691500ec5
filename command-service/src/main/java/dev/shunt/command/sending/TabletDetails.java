package dev.shunt.command.sending;

import dev.shunt.topo.Aliases;
import io.vitess.proto.Topodata;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an outcome says of single tablets: attributes {@code tablet.<alias>} with true or false,
 * sorted by alias.
 */
final class TabletDetails {
  private static final String PREFIX = "tablet.";

  private TabletDetails() {}

  static SortedMap<String, Boolean> of(Map<String, String> attributes) {
    SortedMap<String, Boolean> details = new TreeMap<>();
    attributes.forEach((name, value) -> {
      if (name.startsWith(PREFIX)) {
        details.put(name.substring(PREFIX.length()), Boolean.parseBoolean(value));
      }
    });
    return details;
  }

  static Topodata.TabletAlias alias(String text) {
    return Aliases.parse(text);
  }
}
