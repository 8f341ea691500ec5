package dev.shunt.tablet.vstreamer;

import dev.shunt.tablet.schema.TableSchema;
import io.vitess.proto.Query;
import java.util.List;

/**
 * Which rows of a table a stream sends, and which of their columns.
 *
 * @param table the table; filters see rows with all of its columns
 * @param projection positions of the columns that are sent
 * @param fields the columns that are sent, under the names they are sent by
 * @param filter the rows that are sent
 * @param filtered positions of the columns that the filter looks at
 * @param pushedDown terms that a SELECT may filter by beforehand
 */
record RowPlan(
    TableSchema table,
    List<Integer> projection,
    List<Query.Field> fields,
    RowFilter filter,
    List<Integer> filtered,
    List<String> pushedDown) {
  RowPlan {
    projection = List.copyOf(projection);
    fields = List.copyOf(fields);
    filtered = List.copyOf(filtered);
    pushedDown = List.copyOf(pushedDown);
  }
}
