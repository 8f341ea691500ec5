package dev.shunt.workflow.routing;

import java.util.Collection;
import java.util.List;

/**
 * Tables on their way from one keyspace to another.
 *
 * @param source keyspace they come from
 * @param target keyspace they go to
 * @param tables tables, sorted and without duplicates
 */
public record Move(String source, String target, List<String> tables) {
  public Move {
    tables = tables.stream().sorted().distinct().toList();
  }

  /** The same tables on their way back. */
  public Move reversed() {
    return new Move(target, source, tables);
  }

  /** The same move without these tables. */
  public Move without(Collection<String> some) {
    return new Move(source, target, tables.stream().filter(t -> !some.contains(t)).toList());
  }
}
