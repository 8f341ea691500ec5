package dev.shunt.workflow.sharding;

import dev.shunt.workflow.Refusal;
import java.util.Locale;
import vschema.Vschema;

/** Makes vindexes from their definitions in a VSchema. */
public final class VindexFactory {
  private VindexFactory() {}

  /** From an entry of a VSchema's vindexes; refuses types that cannot map a row by itself. */
  public static Vindex create(Vschema.Vindex definition) {
    return create(definition.getType());
  }

  /**
   * From a type's name, in any case.
   *
   * @throws dev.shunt.workflow.RefusedException UNIMPLEMENTED for a type of Vitess that is not
   *     supported, INVALID_ARGUMENT for a name that is no type
   */
  public static Vindex create(String type) {
    return switch (type.toLowerCase(Locale.ROOT)) {
      case "hash" -> new Vindex.Hash();
      case "xxhash" -> new Vindex.XxHash();
      case "numeric" -> new Vindex.Numeric();
      case "binary" -> new Vindex.Binary();
      case "binary_md5" -> new Vindex.BinaryMd5();
      case "reverse_bits" -> new Vindex.ReverseBits();
      case "null" -> new Vindex.Null();
      case "unicode_loose_md5", "unicode_loose_xxhash" ->
          throw unimplemented(type, "its collation weights are not part of this release");
      case "numeric_static_map", "region_experimental", "region_json", "multicol", "cfc" ->
          throw unimplemented(type, "only single-column vindexes without a map can be used");
      default -> {
        if (isLookup(type)) {
          throw unimplemented(type, "a look-up vindex cannot place a row by its values alone");
        }
        throw Refusal.invalidArgument("unknown vindex type %s", type).exception();
      }
    };
  }

  /** Whether the type keeps its mapping in a table, so that it can't be used on a row alone. */
  public static boolean isLookup(String type) {
    String name = type.toLowerCase(Locale.ROOT);
    return name.startsWith("lookup") || name.startsWith("consistent_lookup");
  }

  /** Whether a value has exactly one keyspace id under the type. */
  public static boolean isUnique(String type) {
    return !isLookup(type) || type.toLowerCase(Locale.ROOT).endsWith("unique");
  }

  private static RuntimeException unimplemented(String type, String why) {
    return Refusal.of(
            Refusal.Code.UNIMPLEMENTED,
            "vindex type %s is not supported for moving rows: %s",
            type,
            why)
        .exception();
  }
}
