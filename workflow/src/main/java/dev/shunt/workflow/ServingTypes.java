package dev.shunt.workflow;

import io.vitess.proto.Topodata.TabletType;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Names of the tablet types that serve, as commands have them, in upper or lower case. */
public final class ServingTypes {
  private ServingTypes() {}

  /** The types, in the order of their names; as {@link #of}. */
  public static List<TabletType> all(Collection<String> names) {
    return names.stream().map(ServingTypes::of).toList();
  }

  /**
   * The type of a name.
   *
   * @return PRIMARY, REPLICA or RDONLY
   * @throws RefusedException INVALID_ARGUMENT for any other name
   */
  public static TabletType of(String name) {
    return switch (name.toUpperCase(Locale.ROOT)) {
      case "PRIMARY" -> TabletType.PRIMARY;
      case "REPLICA" -> TabletType.REPLICA;
      case "RDONLY" -> TabletType.RDONLY;
      default ->
          throw Refusal.invalidArgument(
                  "invalid tablet type %s: use PRIMARY, REPLICA or RDONLY", name)
              .exception();
    };
  }
}
