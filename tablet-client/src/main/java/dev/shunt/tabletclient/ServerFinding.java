package dev.shunt.tabletclient;

import com.google.protobuf.ByteString;
import io.vitess.proto.Query;
import java.util.List;

/**
 * What a tablet found on its server that speaks against a stream.
 *
 * @param id line of the checklist, such as {@code binlog-format}
 * @param refuses whether no stream may run; else it is a warning
 * @param subject the table or other object; empty when it is the server
 * @param found what is there
 * @param why why it matters, a clause without a full stop
 * @param remedy statements that mend it, joined by {@code "; "}; empty when there is none
 */
public record ServerFinding(
    String id, boolean refuses, String subject, String found, String why, String remedy) {
  /** Line of tables with a history, which no schema of a tablet shows, and which don't move. */
  public static final String SYSTEM_VERSIONED = "system-versioned";

  private static final List<String> COLUMNS =
      List.of("id", "severity", "subject", "found", "why", "remedy");

  /** One sentence without a full stop. */
  public String text() {
    String said = found + ": " + why;
    return remedy.isEmpty() ? said : said + " [" + remedy + "]";
  }

  /** Findings as they travel. */
  public static Query.QueryResult toResult(List<ServerFinding> findings) {
    Query.QueryResult.Builder result = Query.QueryResult.newBuilder();
    for (String column : COLUMNS) {
      result.addFields(Query.Field.newBuilder().setName(column).setType(Query.Type.VARCHAR));
    }
    for (ServerFinding finding : findings) {
      Query.Row.Builder row = Query.Row.newBuilder();
      ByteString values = ByteString.EMPTY;
      for (String text :
          List.of(
              finding.id,
              finding.refuses ? "REFUSE" : "WARN",
              finding.subject,
              finding.found,
              finding.why,
              finding.remedy)) {
        ByteString bytes = ByteString.copyFromUtf8(text);
        row.addLengths(bytes.size());
        values = values.concat(bytes);
      }
      result.addRows(row.setValues(values));
    }
    return result.build();
  }

  /** Reads them again. */
  public static List<ServerFinding> of(Query.QueryResult result) {
    return ResultRow.of(result).stream()
        .map(row ->
            new ServerFinding(
                row.text("id"),
                row.text("severity").equals("REFUSE"),
                row.text("subject"),
                row.text("found"),
                row.text("why"),
                row.text("remedy")))
        .toList();
  }
}
