package dev.shunt.schemas;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Creates a Reshard workflow: copies all rows of a keyspace from some of its shards to others and
 * keeps them equal.
 *
 * @param header Id, workflow, issuer and guards.
 * @param sourceShards Shards whose rows are moved; all of them serve.
 * @param targetShards Shards that they are moved to; together they have the same keyspace ids, and
 *     none serves.
 * @param cells Cells to stream from; empty means the cell of the target tablet.
 * @param tabletTypes Types of tablets to stream from, for instance REPLICA, PRIMARY.
 * @param tabletTypesInOrder Prefer the tablet types in the order given.
 * @param skipSchemaCopy Make no tables on the target shards: they have all of them.
 * @param onDdl What a stream does with DDL: IGNORE, STOP, EXEC or EXEC_IGNORE.
 * @param autoStart Start the streams once they are created.
 * @param stopAfterCopy Stop the streams when the copy has ended.
 * @param deferSecondaryKeys Add secondary keys after the rows are copied.
 * @param configOverrides Per-workflow settings of the tablets.
 */
public record ReshardCreate(
    CommandHeader header,
    List<String> sourceShards,
    List<String> targetShards,
    List<String> cells,
    List<String> tabletTypes,
    boolean tabletTypesInOrder,
    boolean skipSchemaCopy,
    String onDdl,
    boolean autoStart,
    boolean stopAfterCopy,
    boolean deferSecondaryKeys,
    Map<String, String> configOverrides)
    implements Command {
  public ReshardCreate {
    sourceShards = List.copyOf(sourceShards);
    targetShards = List.copyOf(targetShards);
    cells = List.copyOf(cells);
    tabletTypes = List.copyOf(tabletTypes);
    configOverrides = Map.copyOf(configOverrides);
  }

  /** A command that leaves all but this to the defaults of its schema. */
  public static ReshardCreate of(
      CommandHeader header, List<String> sourceShards, List<String> targetShards) {
    return new ReshardCreate(
        header,
        sourceShards,
        targetShards,
        List.of(),
        List.of("REPLICA", "PRIMARY"),
        true,
        false,
        "IGNORE",
        true,
        false,
        true,
        Map.of());
  }

  /** The same but for what is changed. */
  public ReshardCreate with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.build();
  }

  /** A command in the making, component by component. */
  public static final class Draft {
    public CommandHeader header;
    public List<String> sourceShards;
    public List<String> targetShards;
    public List<String> cells;
    public List<String> tabletTypes;
    public boolean tabletTypesInOrder;
    public boolean skipSchemaCopy;
    public String onDdl;
    public boolean autoStart;
    public boolean stopAfterCopy;
    public boolean deferSecondaryKeys;
    public Map<String, String> configOverrides;

    private Draft(ReshardCreate command) {
      header = command.header;
      sourceShards = command.sourceShards;
      targetShards = command.targetShards;
      cells = command.cells;
      tabletTypes = command.tabletTypes;
      tabletTypesInOrder = command.tabletTypesInOrder;
      skipSchemaCopy = command.skipSchemaCopy;
      onDdl = command.onDdl;
      autoStart = command.autoStart;
      stopAfterCopy = command.stopAfterCopy;
      deferSecondaryKeys = command.deferSecondaryKeys;
      configOverrides = command.configOverrides;
    }

    private ReshardCreate build() {
      return new ReshardCreate(
          header,
          sourceShards,
          targetShards,
          cells,
          tabletTypes,
          tabletTypesInOrder,
          skipSchemaCopy,
          onDdl,
          autoStart,
          stopAfterCopy,
          deferSecondaryKeys,
          configOverrides);
    }
  }
}
