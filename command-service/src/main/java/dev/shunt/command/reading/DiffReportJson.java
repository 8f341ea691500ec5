package dev.shunt.command.reading;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shunt.schemas.TableDiff;

/** The report of one table of a diff in Vitess's JSON. */
final class DiffReportJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private DiffReportJson() {}

  /** The counts, and the samples that the diff kept. */
  static String json(TableDiff table) {
    ObjectNode report = JSON.createObjectNode();
    report.put("TableName", table.table());
    report.put("ProcessedRows", table.processedRows());
    report.put("MatchingRows", table.matchingRows());
    report.put("MismatchedRows", table.mismatchedRows());
    report.put("ExtraRowsSource", table.extraRowsSource());
    report.put("ExtraRowsTarget", table.extraRowsTarget());
    try {
      if (!table.report().isBlank() && JSON.readTree(table.report()) instanceof ObjectNode kept) {
        for (var field : kept.properties()) {
          JsonNode value = field.getValue();
          if ((value.isArray() && !value.isEmpty()) || value.isBoolean()) {
            report.set(field.getKey(), value);
          }
        }
      }
      return JSON.writeValueAsString(report);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("malformed report of table " + table.table(), e);
    }
  }
}
