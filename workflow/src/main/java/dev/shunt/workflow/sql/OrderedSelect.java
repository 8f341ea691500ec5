package dev.shunt.workflow.sql;

import java.util.List;

/**
 * A SELECT whose rows are wanted in an order.
 *
 * @param select what is read
 * @param order columns that rows are to come in ascending order of; empty when none was asked for
 */
public record OrderedSelect(FilterSelect select, List<String> order) {
  public OrderedSelect {
    order = List.copyOf(order);
  }
}
