package dev.shunt.command.cluster;

import dev.shunt.command.reading.TabletAccess;
import dev.shunt.command.refusing.Refusals;
import dev.shunt.topo.Aliases;
import dev.shunt.topo.Cells;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Versioned;
import io.vitess.proto.Topodata;
import java.util.List;
import java.util.Optional;
import tabletmanagerdata.Tabletmanagerdata;
import vtctldata.Vtctldata;

/** The RPCs on tablets. */
public final class TabletCalls {
  private final Topo topo;
  private final Cells cells;
  private final TabletAccess tablets;

  /** Works on a topology and its tablets. */
  public TabletCalls(Topo topo, TabletAccess tablets) {
    this.topo = topo;
    this.cells = new Cells(topo);
    this.tablets = tablets;
  }

  /**
   * GetTablets by aliases, or by cells, keyspace, shard and type. A missing alias, or a cell that
   * can't be reached, fails a strict request and is left out of another, as in Vitess.
   */
  public Vtctldata.GetTabletsResponse list(Vtctldata.GetTabletsRequest request) {
    Vtctldata.GetTabletsResponse.Builder answer = Vtctldata.GetTabletsResponse.newBuilder();
    if (request.getTabletAliasesCount() > 0) {
      for (Topodata.TabletAlias alias : request.getTabletAliasesList()) {
        Optional<Topodata.Tablet> tablet = topo.tablet(alias).map(Versioned::value);
        if (tablet.isEmpty() && request.getStrict()) {
          throw missing(alias);
        }
        tablet.filter(found -> ofType(request, found)).ifPresent(answer::addTablets);
      }
      return answer.build();
    }
    if (request.getKeyspace().isEmpty() && !request.getShard().isEmpty()) {
      throw Refusals.invalid("a shard needs its keyspace");
    }
    all(request).stream().filter(tablet -> wanted(request, tablet)).forEach(answer::addTablets);
    return answer.build();
  }

  private List<Topodata.Tablet> all(Vtctldata.GetTabletsRequest request) {
    List<String> requested = request.getCellsCount() == 0 ? topo.cells() : request.getCellsList();
    Cells.Answers<List<Topodata.Tablet>> answers = cells.ask(requested, topo::tabletsIn);
    return (request.getStrict() ? answers.requireAll() : answers.requireAny())
        .of().values().stream().flatMap(List::stream).toList();
  }

  /** GetTablet; NOT_FOUND without it. */
  public Vtctldata.GetTabletResponse get(Vtctldata.GetTabletRequest request) {
    return Vtctldata.GetTabletResponse.newBuilder()
        .setTablet(tablet(request.getTabletAlias()))
        .build();
  }

  /** GetSchema of a tablet's database. */
  public Vtctldata.GetSchemaResponse schema(Vtctldata.GetSchemaRequest request) {
    Tabletmanagerdata.SchemaDefinition schema =
        tablets.schema(
            tablet(request.getTabletAlias()),
            Tabletmanagerdata.GetSchemaRequest.newBuilder()
                .addAllTables(request.getTablesList())
                .addAllExcludeTables(request.getExcludeTablesList())
                .setIncludeViews(request.getIncludeViews())
                .setTableSchemaOnly(request.getTableSchemaOnly())
                .build());
    return Vtctldata.GetSchemaResponse.newBuilder().setSchema(reduced(request, schema)).build();
  }

  /** RefreshState of a tablet. */
  public Vtctldata.RefreshStateResponse refresh(Vtctldata.RefreshStateRequest request) {
    tablets.refreshState(tablet(request.getTabletAlias()));
    return Vtctldata.RefreshStateResponse.getDefaultInstance();
  }

  private static Tabletmanagerdata.SchemaDefinition reduced(
      Vtctldata.GetSchemaRequest request, Tabletmanagerdata.SchemaDefinition schema) {
    if (!request.getTableNamesOnly() && !request.getTableSizesOnly()) {
      return schema;
    }
    List<Tabletmanagerdata.TableDefinition> tables =
        schema.getTableDefinitionsList().stream()
            .map(table -> {
              Tabletmanagerdata.TableDefinition.Builder kept =
                  Tabletmanagerdata.TableDefinition.newBuilder().setName(table.getName());
              if (request.getTableSizesOnly()) {
                kept.setType(table.getType())
                    .setRowCount(table.getRowCount())
                    .setDataLength(table.getDataLength());
              }
              return kept.build();
            })
            .toList();
    return Tabletmanagerdata.SchemaDefinition.newBuilder().addAllTableDefinitions(tables).build();
  }

  private Topodata.Tablet tablet(Topodata.TabletAlias alias) {
    return topo.tablet(alias).map(Versioned::value).orElseThrow(() -> missing(alias));
  }

  private static RuntimeException missing(Topodata.TabletAlias alias) {
    return Refusals.noNode("tablets/" + Aliases.text(alias) + "/Tablet");
  }

  private static boolean wanted(Vtctldata.GetTabletsRequest request, Topodata.Tablet tablet) {
    return (request.getKeyspace().isEmpty() || request.getKeyspace().equals(tablet.getKeyspace()))
        && (request.getShard().isEmpty() || request.getShard().equals(tablet.getShard()))
        && ofType(request, tablet);
  }

  private static boolean ofType(Vtctldata.GetTabletsRequest request, Topodata.Tablet tablet) {
    return request.getTabletType() == Topodata.TabletType.UNKNOWN
        || request.getTabletType() == tablet.getType();
  }
}
