package dev.shunt.tabletclient;

import io.vitess.proto.Query;
import java.util.Collection;

/** Flags of the fields of streams that tablets of ours add to MySQL's. */
public final class FieldFlags {
  /** The column's values are given rather than computed from other columns. */
  public static final int GIVEN = 1 << 28;

  private FieldFlags() {}

  /**
   * Whether fields come from a tablet of ours. Their character sets are those of the cells then; a
   * stock tablet sends the bytes of the column, too, but names the character set of its session.
   */
  public static boolean areOurs(Collection<Query.Field> fields) {
    return fields.stream().anyMatch(FieldFlags::isGiven);
  }

  /** Whether a column's values are known to be given. */
  public static boolean isGiven(Query.Field field) {
    return (field.getFlags() & GIVEN) != 0;
  }
}
