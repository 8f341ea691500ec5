package dev.shunt.schemas;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Starts, stops or changes the streams of a workflow; null fields stay as they are.
 *
 * @param header Id, workflow, issuer and guards.
 * @param state Start or stop the streams.
 * @param cells Cells to stream from.
 * @param tabletTypes Types of tablets to stream from.
 * @param tabletTypesInOrder Prefer the tablet types in the order given.
 * @param onDdl What a stream does with DDL.
 * @param shards Only the streams on these target shards; empty means all.
 * @param configOverrides Settings of the tablets. Those with a value take the place of all that
 *     there are; one with an empty value is taken away.
 */
public record WorkflowUpdate(
    CommandHeader header,
    @Nullable DesiredState state,
    @Nullable List<String> cells,
    @Nullable List<String> tabletTypes,
    @Nullable Boolean tabletTypesInOrder,
    @Nullable String onDdl,
    List<String> shards,
    Map<String, String> configOverrides)
    implements Command {
  public WorkflowUpdate {
    cells = cells == null ? null : List.copyOf(cells);
    tabletTypes = tabletTypes == null ? null : List.copyOf(tabletTypes);
    shards = List.copyOf(shards);
    configOverrides = Map.copyOf(configOverrides);
  }
}
