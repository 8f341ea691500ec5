package dev.shunt.cli.workflows;

import binlogdata.Binlogdata.OnDDLAction;
import dev.shunt.cli.vtctld.TabletTypeConverter;
import io.vitess.proto.Topodata.TabletType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tabletmanagerdata.Tabletmanagerdata.TabletSelectionPreference;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/** Flags of the streams of a workflow that is created, with vtctldclient's defaults. */
final class StreamOptions {
  @Option(
      names = {"-a", "--all-cells"},
      arity = "0..1",
      fallbackValue = "true",
      description = "Copy from tablets of any cell.")
  boolean allCells;

  @Option(
      names = "--auto-start",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "Start the workflow after creating it (default: true).")
  boolean autoStart = true;

  @Option(
      names = {"-c", "--cells"},
      split = ",",
      description = "Cells to copy from.")
  List<String> cells = new ArrayList<>();

  @Option(names = "--config-overrides", split = ",", description = "Settings as key=value.")
  Map<String, String> configOverrides = new LinkedHashMap<>();

  @Option(
      names = "--defer-secondary-keys",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "Add secondary keys after the rows are copied (default: true).")
  boolean deferSecondaryKeys = true;

  @Option(
      names = "--on-ddl",
      defaultValue = "IGNORE",
      description = "IGNORE, STOP, EXEC or EXEC_IGNORE (default: ${DEFAULT-VALUE}).")
  String onDdl = "IGNORE";

  @Option(
      names = "--stop-after-copy",
      arity = "0..1",
      fallbackValue = "true",
      description = "Stop once the rows are copied.")
  boolean stopAfterCopy;

  @Option(
      names = "--tablet-types",
      split = ",",
      converter = TabletTypeConverter.class,
      description = "Types of tablets to copy from (default: REPLICA,PRIMARY).")
  @Nullable List<TabletType> tabletTypes;

  @Option(
      names = "--tablet-types-in-preference-order",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "Prefer the types in that order (default: true).")
  boolean inOrder = true;

  /** What can be said against them. */
  Optional<String> mistake() {
    if (!cells.isEmpty() && allCells) {
      return Optional.of("cannot specify both --cells and --all-cells");
    }
    return isOneOf(OnDDLAction.values(), onDdl)
        ? Optional.empty()
        : Optional.of("invalid on-ddl value: " + onDdl);
  }

  static boolean isOneOf(Enum<?>[] values, String text) {
    String name = text.toUpperCase(Locale.ROOT);
    return !name.equals("UNRECOGNIZED")
        && Arrays.stream(values).anyMatch(value -> value.name().equals(name));
  }

  /** Cells to copy from; asks which there are where it is all of them. */
  List<String> cells(VtctldGrpc.VtctldBlockingStub vtctld) {
    List<String> from =
        allCells
            ? vtctld
                .getCellInfoNames(Vtctldata.GetCellInfoNamesRequest.getDefaultInstance())
                .getNamesList()
            : cells;
    return from.stream().map(String::strip).toList();
  }

  List<TabletType> tabletTypes() {
    return tabletTypes == null ? List.of(TabletType.REPLICA, TabletType.PRIMARY) : tabletTypes;
  }

  TabletSelectionPreference preference() {
    return inOrder ? TabletSelectionPreference.INORDER : TabletSelectionPreference.ANY;
  }

  String onDdl() {
    return onDdl.toUpperCase(Locale.ROOT);
  }
}
