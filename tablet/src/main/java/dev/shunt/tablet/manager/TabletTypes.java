package dev.shunt.tablet.manager;

import io.vitess.proto.Topodata;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import tabletmanagerdata.Tabletmanagerdata.TabletSelectionPreference;

/**
 * The column {@code tablet_types}: types in lower case separated by commas, with a prefix when they
 * are to be tried in order.
 *
 * @param types the types
 * @param inOrder whether they are tried in order
 */
record TabletTypes(List<Topodata.TabletType> types, boolean inOrder) {
  private static final String IN_ORDER = "in_order:";

  static TabletTypes parse(String column) {
    boolean inOrder = column.startsWith(IN_ORDER);
    List<Topodata.TabletType> types = new ArrayList<>();
    for (String name : column.substring(inOrder ? IN_ORDER.length() : 0).split(",", -1)) {
      if (!name.isBlank()) {
        types.add(type(name.strip().toUpperCase(Locale.ROOT)));
      }
    }
    return new TabletTypes(List.copyOf(types), inOrder);
  }

  private static Topodata.TabletType type(String name) {
    return switch (name) {
      case "MASTER" -> Topodata.TabletType.PRIMARY;
      case "BATCH" -> Topodata.TabletType.RDONLY;
      default -> {
        try {
          yield Topodata.TabletType.valueOf(name);
        } catch (IllegalArgumentException e) {
          yield Topodata.TabletType.UNKNOWN;
        }
      }
    };
  }

  TabletSelectionPreference preference() {
    return inOrder ? TabletSelectionPreference.INORDER : TabletSelectionPreference.ANY;
  }

  @Override
  public String toString() {
    String names =
        types.stream()
            .map(type -> type.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(","));
    return inOrder ? IN_ORDER + names : names;
  }
}
