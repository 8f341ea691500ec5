package dev.shunt.workflow.sharding;

import com.google.errorprone.annotations.FormatMethod;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.RefusedException;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import vschema.Vschema;

/**
 * Finds in a keyspace's VSchema what a vtgate of Vitess could not use, before it is stored: the
 * same that Vitess's ApplyVSchema refuses, and sequences that no VSchema has, with which a vtgate
 * takes the table out of service.
 */
public final class VSchemaCheck {
  private static final String SEQUENCE = "sequence";
  private static final String REFERENCE = "reference";

  /** Parameters that name files, which are where the tablets and vtgates are. */
  private static final List<String> FILES = List.of("json_path", "region_map");

  private final String keyspace;
  private final Vschema.Keyspace vschema;

  private VSchemaCheck(String keyspace, Vschema.Keyspace vschema) {
    this.keyspace = keyspace;
    this.vschema = vschema;
  }

  /**
   * Checks a VSchema.
   *
   * @param keyspace the keyspace it is for
   * @param vschema what is to be stored
   * @param others the VSchemas of all other keyspaces, by name
   * @param routed names of tables that routing rules lead elsewhere
   * @throws RefusedException INVALID_ARGUMENT naming the vindex or the table that is wrong
   */
  public static void check(
      String keyspace,
      Vschema.Keyspace vschema,
      Map<String, Vschema.Keyspace> others,
      Collection<String> routed) {
    VSchemaCheck check = new VSchemaCheck(keyspace, vschema);
    new TreeMap<>(vschema.getVindexesMap()).forEach(check::vindex);
    new TreeMap<>(vschema.getTablesMap())
        .forEach((name, table) -> {
          check.table(name, table);
          if (table.hasAutoIncrement()) {
            check.sequence(name, table.getAutoIncrement(), others, routed);
          }
        });
  }

  /** Parameters of vindexes that their types don't have, by vindex; they have no effect. */
  public static SortedMap<String, List<String>> unknownParameters(Vschema.Keyspace vschema) {
    SortedMap<String, List<String>> unknown = new TreeMap<>();
    vschema
        .getVindexesMap()
        .forEach((name, vindex) -> {
          List<String> parameters = VindexTypes.unknownParameters(vindex);
          if (!parameters.isEmpty()) {
            unknown.put(name, parameters);
          }
        });
    return unknown;
  }

  private void vindex(String name, Vschema.Vindex vindex) {
    if (!VindexTypes.isKnown(vindex.getType())) {
      throw refusal(
          "vindex %s of keyspace %s has the unknown type '%s': known are %s",
          name, keyspace, vindex.getType(), VindexTypes.known());
    }
    if (VindexFactory.isLookup(vindex.getType())) {
      return;
    }
    Vschema.Vindex.Builder without = vindex.toBuilder();
    for (String file : FILES) {
      if (!vindex.getParamsMap().getOrDefault(file, "").isEmpty()) {
        without.putParams(file, "{}");
      }
    }
    try {
      Vindex unused = VindexFactory.create(without.build());
    } catch (RefusedException e) {
      throw refusal("vindex %s of keyspace %s: %s", name, keyspace, e.refusal().message());
    }
  }

  private void table(String name, Vschema.Table table) {
    String type = table.getType();
    if (!Set.of("", SEQUENCE, REFERENCE).contains(type)) {
      throw refusal(
          "table %s.%s has the unknown type '%s': leave it out, or write sequence or reference",
          keyspace, name, type);
    }
    if (!table.getPinned().isEmpty() && !isHex(table.getPinned())) {
      throw refusal(
          "table %s.%s is pinned to '%s', which is no keyspace id in hex",
          keyspace, name, table.getPinned());
    }
    boolean anywhere = type.equals(REFERENCE) || !table.getPinned().isEmpty();
    if (vschema.getSharded() && !anywhere) {
      if (type.equals(SEQUENCE)) {
        throw refusal(
            "sequence %s.%s has to be in a keyspace that is not sharded, or pinned",
            keyspace, name);
      }
      if (table.getColumnVindexesCount() == 0) {
        throw refusal(
            "missing primary col vindex for table: %s.%s; in a sharded keyspace a table needs a"
                + " vindex in column_vindexes, unless it is a reference table or pinned",
            keyspace, name);
      }
    }
    Set<String> columns = new HashSet<>();
    for (Vschema.Column column : table.getColumnsList()) {
      if (!columns.add(column.getName().toLowerCase(Locale.ROOT))) {
        throw refusal("table %s.%s has column %s twice", keyspace, name, column.getName());
      }
    }
    for (int i = 0; i < table.getColumnVindexesCount(); i++) {
      columnVindex(name, table.getColumnVindexes(i), i == 0);
    }
  }

  private void columnVindex(String table, Vschema.ColumnVindex used, boolean primary) {
    Vschema.Vindex vindex = vschema.getVindexesMap().get(used.getName());
    if (vindex == null) {
      throw refusal("vindex %s not found for table %s.%s", used.getName(), keyspace, table);
    }
    if (used.getColumn().isEmpty() == (used.getColumnsCount() == 0)) {
      throw refusal(
          "vindex %s of table %s.%s needs either column or columns",
          used.getName(), keyspace, table);
    }
    if (primary && !VindexFactory.isUnique(vindex.getType())) {
      throw refusal(
          "primary vindex %s is not unique for table %s.%s: the first of column_vindexes places the"
              + " rows",
          used.getName(), keyspace, table);
    }
    if (primary && VindexFactory.isLookup(vindex.getType()) && vindex.getOwner().equals(table)) {
      throw refusal(
          "primary vindex %s cannot be owned for table %s.%s", used.getName(), keyspace, table);
    }
  }

  private void sequence(
      String table,
      Vschema.AutoIncrement autoIncrement,
      Map<String, Vschema.Keyspace> others,
      Collection<String> routed) {
    String where = "auto_increment of table " + keyspace + "." + table;
    if (autoIncrement.getColumn().isBlank() || autoIncrement.getSequence().isBlank()) {
      throw refusal("%s needs column and sequence", where);
    }
    String sequence = autoIncrement.getSequence().replace("`", "");
    if (routed.contains(sequence)) {
      return;
    }
    Map<String, Vschema.Keyspace> all = new TreeMap<>(others);
    all.put(keyspace, vschema);
    int dot = sequence.indexOf('.');
    String name = sequence.substring(dot + 1);
    if (dot == 0 || name.isEmpty() || name.indexOf('.') >= 0) {
      throw refusal("%s: write the sequence as table or keyspace.table, not '%s'", where, sequence);
    }
    if (dot > 0) {
      Vschema.Keyspace in = all.get(sequence.substring(0, dot));
      if (in == null) {
        throw refusal(
            "%s names the sequence %s: there is no keyspace %s",
            where, sequence, sequence.substring(0, dot));
      }
      if (!in.containsTables(name) && !in.getSharded()) {
        return; // such a keyspace need not list its tables
      }
      all.keySet().retainAll(Set.of(sequence.substring(0, dot)));
    }
    boolean found =
        all.values().stream()
            .anyMatch(in ->
                in.containsTables(name) && in.getTablesOrThrow(name).getType().equals(SEQUENCE));
    if (!found) {
      throw refusal(
          "%s names the sequence %s: no VSchema has a table of type sequence of that name; apply that"
              + " of the sequence first",
          where, sequence);
    }
  }

  private static boolean isHex(String text) {
    try {
      return HexFormat.of().parseHex(text).length > 0;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  @FormatMethod
  private static RefusedException refusal(String format, Object... values) {
    return Refusal.invalidArgument(format, values).exception();
  }
}
