package dev.shunt.topo;

import io.vitess.proto.Topodata;
import java.util.Locale;

/** Tablet aliases as text, for instance {@code zone1-0000000200}. */
public final class Aliases {
  private Aliases() {}

  /** The text of an alias: the cell and the uid with ten digits. */
  public static String text(Topodata.TabletAlias alias) {
    return String.format(
        Locale.ROOT, "%s-%010d", alias.getCell(), Integer.toUnsignedLong(alias.getUid()));
  }

  /** Reads an alias; the uid may have fewer digits. IllegalArgumentException when it is none. */
  public static Topodata.TabletAlias parse(String text) {
    int dash = text.lastIndexOf('-');
    if (dash <= 0) {
      throw new IllegalArgumentException("invalid tablet alias: " + text);
    }
    try {
      return Topodata.TabletAlias.newBuilder()
          .setCell(text.substring(0, dash))
          .setUid(Integer.parseUnsignedInt(text.substring(dash + 1)))
          .build();
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("invalid tablet alias: " + text, e);
    }
  }
}
