package dev.shunt.cli.cluster;

import dev.shunt.cli.render.GoJson;
import dev.shunt.cli.render.TabletLine;
import dev.shunt.cli.vtctld.Reads;
import dev.shunt.cli.vtctld.TabletTypeConverter;
import io.vitess.proto.Topodata;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tabletmanagerdata.Tabletmanagerdata;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/** The verbs on tablets. */
public final class TabletVerbs {
  private TabletVerbs() {}

  private static Topodata.TabletAlias alias(String text) {
    int dash = text.lastIndexOf('-');
    try {
      if (dash > 0) {
        return Topodata.TabletAlias.newBuilder()
            .setCell(text.substring(0, dash))
            .setUid(Integer.parseUnsignedInt(text.substring(dash + 1)))
            .build();
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("invalid tablet alias: '" + text + "'", e);
    }
    throw new IllegalArgumentException("invalid tablet alias: '" + text + "'");
  }

  /** {@code gettablets}. */
  @Command(name = "gettablets", description = "Lists tablets.")
  public static final class ListTablets extends ClusterVerb {
    @Option(
        names = {"-c", "--cell"},
        split = ",",
        description = "Only of these cells.")
    List<String> cells = new ArrayList<>();

    @Option(names = "--format", defaultValue = "awk", description = "awk or json.")
    String format = "awk";

    @Option(
        names = {"-k", "--keyspace"},
        defaultValue = "",
        description = "Only of a keyspace.")
    String keyspace = "";

    @Option(
        names = {"-s", "--shard"},
        defaultValue = "",
        description = "Only of a shard.")
    String shard = "";

    @Option(
        names = "--strict",
        arity = "0..1",
        fallbackValue = "true",
        description = "Fail when a tablet can't be read.")
    boolean strict;

    @Option(
        names = {"-t", "--tablet-alias"},
        split = ",",
        description = "Only these tablets.")
    List<String> aliases = new ArrayList<>();

    @Option(
        names = "--tablet-type",
        converter = TabletTypeConverter.class,
        description = "Only a type.")
    Topodata.@Nullable TabletType type;

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      boolean json = format.toLowerCase(Locale.ROOT).equals("json");
      if (!json && !format.toLowerCase(Locale.ROOT).equals("awk")) {
        throw refuse("invalid output format, got " + format);
      }
      Vtctldata.GetTabletsRequest.Builder request =
          Vtctldata.GetTabletsRequest.newBuilder()
              .addAllCells(cells)
              .setKeyspace(keyspace)
              .setShard(shard)
              .setStrict(strict);
      if (type != null) {
        request.setTabletType(type);
      }
      aliases.forEach(text -> request.addTabletAliases(alias(text)));
      List<Topodata.Tablet> tablets = vtctld.getTablets(request.build()).getTabletsList();
      if (json) {
        out().println(GoJson.plain(tablets));
      } else {
        tablets.forEach(tablet -> out().println(TabletLine.of(tablet)));
      }
    }
  }

  /** {@code gettablet}. */
  @Command(name = "gettablet", description = "Shows a tablet.")
  @Reads({Reads.Group.CALLS, Reads.Group.MESSAGES})
  public static final class Get extends ClusterVerb {
    @Parameters(paramLabel = "ALIAS")
    String tablet = "";

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      print(
          vtctld
              .getTablet(
                  Vtctldata.GetTabletRequest.newBuilder().setTabletAlias(alias(tablet)).build())
              .getTablet());
    }
  }

  /** {@code refreshstate}. */
  @Command(name = "refreshstate", description = "Makes a tablet read its records again.")
  public static final class Refresh extends ClusterVerb {
    @Parameters(paramLabel = "ALIAS")
    String tablet = "";

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      var unused =
          vtctld.refreshState(
              Vtctldata.RefreshStateRequest.newBuilder().setTabletAlias(alias(tablet)).build());
      out().println("Refreshed state on " + TabletLine.alias(alias(tablet)));
    }
  }

  /** {@code getschema}. */
  @Command(name = "getschema", description = "Shows the tables of a tablet.")
  @Reads({Reads.Group.CALLS, Reads.Group.MESSAGES})
  public static final class Schema extends ClusterVerb {
    @Parameters(paramLabel = "ALIAS")
    String tablet = "";

    @Option(names = "--exclude-tables", split = ",", description = "Tables to leave out.")
    List<String> excludeTables = new ArrayList<>();

    @Option(
        names = "--include-views",
        arity = "0..1",
        fallbackValue = "true",
        description = "Also views.")
    boolean includeViews;

    @Option(
        names = {"-n", "--table-names-only"},
        arity = "0..1",
        fallbackValue = "true",
        description = "Only names, a line each.")
    boolean namesOnly;

    @Option(
        names = "--table-schema-only",
        arity = "0..1",
        fallbackValue = "true",
        description = "Without columns and sizes.")
    boolean schemaOnly;

    @Option(
        names = {"-s", "--table-sizes-only"},
        arity = "0..1",
        fallbackValue = "true",
        description = "Only names and sizes.")
    boolean sizesOnly;

    @Option(names = "--tables", split = ",", description = "Only these tables, or /regex/.")
    List<String> tables = new ArrayList<>();

    @Override
    protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
      if (namesOnly && sizesOnly) {
        throw refuse("can only pass one of --table-names-only and --table-sizes-only");
      }
      Tabletmanagerdata.SchemaDefinition schema =
          vtctld
              .getSchema(
                  Vtctldata.GetSchemaRequest.newBuilder()
                      .setTabletAlias(alias(tablet))
                      .addAllTables(tables)
                      .addAllExcludeTables(excludeTables)
                      .setIncludeViews(includeViews)
                      .setTableNamesOnly(namesOnly)
                      .setTableSizesOnly(sizesOnly)
                      .setTableSchemaOnly(schemaOnly)
                      .build())
              .getSchema();
      if (namesOnly) {
        schema.getTableDefinitionsList().forEach(table -> out().println(table.getName()));
      } else {
        print(schema);
      }
    }
  }
}
