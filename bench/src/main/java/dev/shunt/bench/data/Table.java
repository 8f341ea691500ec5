package dev.shunt.bench.data;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A table of the data set.
 *
 * @param name its name
 * @param columns its columns and its primary key, as they stand in CREATE TABLE
 * @param secondaryKeys its other keys, as they stand in CREATE TABLE
 * @param loaded what follows the file in LOAD DATA: columns, and expressions where bytes of a file
 *     can't be taken as they are
 * @param rows how many rows it has, with ids from 1 on
 */
public record Table(
    String name, String columns, List<String> secondaryKeys, String loaded, long rows) {
  public Table {
    secondaryKeys = List.copyOf(secondaryKeys);
  }

  /** Creates it with all keys. */
  public String create() {
    String keys = secondaryKeys.stream().map(key -> ", " + key).collect(Collectors.joining());
    return statement(columns + keys);
  }

  /** Creates it with its primary key only. */
  public String createWithoutSecondaryKeys() {
    return statement(columns);
  }

  /** Adds the secondary keys, all in one; empty when it has none. */
  public List<String> addSecondaryKeys() {
    if (secondaryKeys.isEmpty()) {
      return List.of();
    }
    return List.of(
        secondaryKeys.stream()
            .map(key -> "ADD " + key)
            .collect(Collectors.joining(", ", "ALTER TABLE " + name + " ", "")));
  }

  private String statement(String inside) {
    return "CREATE TABLE " + name + " (" + inside + ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";
  }
}
