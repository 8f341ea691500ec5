package dev.shunt.workflow.sql;

/**
 * A table as a statement names it.
 *
 * @param qualifier database or keyspace in front of the dot; empty when there is none
 * @param name table, without back quotes
 */
public record TableName(String qualifier, String name) {
  @Override
  public String toString() {
    return qualifier.isEmpty() ? name : qualifier + "." + name;
  }
}
