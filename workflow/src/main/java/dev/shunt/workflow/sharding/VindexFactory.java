package dev.shunt.workflow.sharding;

import dev.shunt.workflow.Refusal;
import java.util.Locale;
import java.util.Map;
import vschema.Vschema;

/** Makes vindexes from their definitions in a VSchema. */
public final class VindexFactory {
  private VindexFactory() {}

  /**
   * From an entry of a VSchema's vindexes; refuses types that cannot map a row by itself.
   *
   * @throws dev.shunt.workflow.RefusedException as {@link #create(String)}, and INVALID_ARGUMENT
   *     for parameters that are missing or wrong
   */
  public static Vindex create(Vschema.Vindex definition) {
    return create(definition.getType(), definition.getParamsMap());
  }

  /**
   * From a type's name, in any case, without parameters.
   *
   * @throws dev.shunt.workflow.RefusedException UNIMPLEMENTED for a type of Vitess that can't be
   *     used on a row alone, INVALID_ARGUMENT for a name that is no type
   */
  public static Vindex create(String type) {
    return create(type, Map.of());
  }

  static Vindex create(String type, Map<String, String> given) {
    VindexParameters parameters = new VindexParameters(type, given);
    return switch (type.toLowerCase(Locale.ROOT)) {
      case "hash" -> new Vindex.Hash();
      case "xxhash" -> new Vindex.XxHash();
      case "numeric" -> new Vindex.Numeric();
      case "binary" -> new Vindex.Binary();
      case "binary_md5" -> new Vindex.BinaryMd5();
      case "reverse_bits" -> new Vindex.ReverseBits();
      case "null" -> new Vindex.Null();
      case "unicode_loose_md5" -> new UnicodeLoose(true);
      case "unicode_loose_xxhash" -> new UnicodeLoose(false);
      case "numeric_static_map" -> parameters.numericStaticMap();
      case "region_experimental" -> parameters.region(false);
      case "region_json" -> parameters.region(true);
      case "multicol" -> parameters.multiColumn();
      case "cfc" -> parameters.compositeKey();
      default -> {
        if (isLookup(type)) {
          throw Refusal.of(
                  Refusal.Code.UNIMPLEMENTED,
                  "vindex type %s is not supported for moving rows: a look-up vindex cannot place a"
                      + " row by its values alone",
                  type)
              .exception();
        }
        throw Refusal.invalidArgument(
                "unknown vindex type %s: known are %s", type, VindexTypes.known())
            .exception();
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
}
