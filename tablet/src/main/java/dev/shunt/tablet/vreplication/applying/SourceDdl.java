package dev.shunt.tablet.vreplication.applying;

import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.schema.ColumnSchema;
import dev.shunt.tablet.vreplication.stream.StreamFilter;
import dev.shunt.workflow.sql.DdlValues;
import dev.shunt.workflow.sql.SqlException;
import dev.shunt.workflow.sql.TableDdl;
import dev.shunt.workflow.sql.TableName;
import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlToken;
import io.grpc.Status;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A statement of the source that defines something, as the rules of a stream see it. */
final class SourceDdl {
  private final String sql;
  private final StreamFilter filter;
  private final Optional<TableDdl> ddl;
  private final @Nullable SqlException unreadable;

  SourceDdl(String sql, StreamFilter filter) {
    this.sql = sql;
    this.filter = filter;
    Optional<TableDdl> read = Optional.empty();
    SqlException failure = null;
    try {
      read = TableDdl.read(sql);
    } catch (SqlException e) {
      failure = e;
    }
    this.ddl = read;
    this.unreadable = failure;
  }

  /** Whether it is about a table of the stream, or can't be read. */
  boolean concernsStream() {
    return unreadable != null
        || ddl.stream().flatMap(read -> read.tables().stream()).anyMatch(this::isStreamed);
  }

  /** Whether the case of a name counts was up to the source, which has sent the statement. */
  private boolean isStreamed(TableName table) {
    return filter.targetOfAnyCase(table.name()) != null;
  }

  /** Whether rows go or come by it without a word of it in the log. */
  boolean changesRows() {
    return unreadable != null || ddl.map(TableDdl::changesRows).orElse(false);
  }

  /** Whether it may add or drop foreign keys. */
  boolean changesForeignKeys() {
    return ddl.map(TableDdl::changesForeignKeys).orElse(false);
  }

  /** Whether it drops a constraint of this name of a target's table and adds no foreign key. */
  boolean drops(String table, String constraint) {
    return ddl.filter(read -> !read.addsForeignKeys())
        .filter(read ->
            read.tables().stream()
                .anyMatch(named -> table.equals(filter.targetOfAnyCase(named.name()))))
        .map(read -> read.droppedConstraints().stream().anyMatch(constraint::equalsIgnoreCase))
        .orElse(false);
  }

  /** The statement as the source's log has it. */
  String sql() {
    return sql;
  }

  /**
   * Lets it be passed over when it leaves the rows of the stream as they are.
   *
   * @param before position that it follows
   * @throws RpcException FAILED_PRECONDITION otherwise
   */
  void demandRowsStay(String before) {
    if (changesRows()) {
      throw refuse(
          "the source changed rows of its table by %s, which its log does not tell row by row and"
                  .formatted(by())
              + " on_ddl=IGNORE would pass over; it follows position "
              + before
              + ". To go on: `workflow update --on-ddl EXEC` carries it out on the target; with"
              + " `--on-ddl STOP` the stream stops behind it, for you to do the same by hand and"
              + " start it again. Else copy the table anew. The statement: "
              + sql);
    }
  }

  private String by() {
    return unreadable != null ? "a statement that can't be read" : ddl.orElseThrow().by();
  }

  /**
   * The statement for the target's database.
   *
   * @throws RpcException FAILED_PRECONDITION when it would do something else there
   */
  String forTarget() {
    if (unreadable != null) {
      throw refuse(
          "on_ddl can't carry out a statement of the source, as %s. %s"
              .formatted(unreadable.getMessage(), BY_HAND));
    }
    TableDdl read = ddl.orElseThrow();
    for (TableName table : read.tables()) {
      if (!table.name().equals(filter.targetOf(table.name()))) {
        throw refuse(
            "on_ddl can't carry out a statement of the source, as the stream fills no table %s%s. %s"
                .formatted(table.name(), likeNamed(table), BY_HAND + sql));
      }
    }
    if (read.tables().stream().map(TableName::qualifier).distinct().count() > 1) {
      throw refuse(
          "on_ddl can't carry out a statement of the source that names tables of more than one"
              + " database. "
              + BY_HAND
              + sql);
    }
    if (read.rows() == TableDdl.Rows.MOVE) {
      throw refuse(
          "on_ddl can't carry out a statement of the source, as the target has not got the rows that"
              + " %s moves. %s".formatted(read.by(), BY_HAND + sql));
    }
    return withoutDatabase(read.tables());
  }

  /**
   * Refuses it when rows that are there might get other values than on the source: of the session
   * that it was carried out in there nothing is known.
   *
   * @param columns gives the columns of a table of the target
   */
  void demandSameValues(Function<String, List<ColumnSchema>> columns) {
    DdlValues values;
    try {
      values = DdlValues.read(sql);
    } catch (SqlException e) {
      throw refuse(
          "on_ddl can't carry out a statement of the source, as %s. %s"
              .formatted(e.getMessage(), BY_HAND + sql));
    }
    Optional<String> obstacle = values.obstacle();
    if (obstacle.isEmpty() && !values.retyped().isEmpty()) {
      List<ColumnSchema> existing = columns.apply(ddl.orElseThrow().tables().getFirst().name());
      obstacle =
          values.retyped().stream()
              .flatMap(retyped ->
                  existing.stream()
                      .filter(column -> column.name().equalsIgnoreCase(retyped.column()))
                      .filter(column -> !keepsValues(column, retyped))
                      .map(column ->
                          "column %s, which is %s on the target"
                              .formatted(column.name(), type(column))))
              .findFirst();
    }
    if (obstacle.isPresent()) {
      throw refuse(
          ("on_ddl can't carry out a statement of the source, as rows might get other values than"
                  + " there (of the time, time zone, sql_mode and numbers that it had the log does not"
                  + " tell enough): %s. See to it that the target gets the source's values. %s")
              .formatted(obstacle.get(), BY_HAND + sql));
    }
  }

  private static String type(ColumnSchema column) {
    return column.columnType() + (column.autoIncrement() ? " AUTO_INCREMENT" : "");
  }

  private static boolean keepsValues(ColumnSchema column, DdlValues.Retyped retyped) {
    boolean before = DdlValues.TEMPORAL.contains(column.dataType());
    boolean after = DdlValues.TEMPORAL.contains(retyped.type());
    if (before || after) {
      return column.dataType().equals(retyped.type())
          && !retyped.type().equals("timestamp")
          && digits(column) <= retyped.digits();
    }
    return (column.autoIncrement() || !retyped.numbered()) && bytes(column) == retyped.bytes();
  }

  private static int digits(ColumnSchema column) {
    String type = column.columnType();
    int open = type.indexOf('(');
    return open < 0
            || column.dataType().equals("year")
            || !type.substring(open + 1).matches("[0-9]\\).*")
        ? 0
        : type.charAt(open + 1) - '0';
  }

  private static boolean bytes(ColumnSchema column) {
    return column.dataType().contains("blob") || column.dataType().contains("binary");
  }

  private String likeNamed(TableName table) {
    String target =
        filter.targetOf(table.name()) == null ? filter.targetOfAnyCase(table.name()) : null;
    return target == null ? "" : " but " + target + ", whose source is named in another case";
  }

  /**
   * Refuses it when it takes rows from a table that other streams fill as well: those rows are not
   * the source's to take.
   *
   * @param filledByOthers of some tables those that other streams fill
   */
  void demandOwnRows(Function<Collection<String>, Set<String>> filledByOthers) {
    if (!changesRows() || ddl.isEmpty()) {
      return;
    }
    Set<String> shared =
        filledByOthers.apply(ddl.get().tables().stream().map(TableName::name).toList());
    if (!shared.isEmpty()) {
      throw refuse(
          "on_ddl can't carry out a statement of the source, as other streams fill table %s, too,"
                  .formatted(String.join(", ", shared))
              + " and %s would take their rows. %s".formatted(by(), BY_HAND + sql));
    }
  }

  private static final String BY_HAND =
      "`workflow update --on-ddl STOP` makes the stream stop behind it, for you to do the same by"
          + " hand and start it again. The statement: ";

  /** Names of tables in the source's database are names in the target's. */
  private String withoutDatabase(List<TableName> tables) {
    StringBuilder text = new StringBuilder();
    List<SqlToken> tokens = SqlLexer.lex(sql).tokens();
    int copied = 0;
    for (int i = 0; i + 2 < tokens.size(); i++) {
      TableName name = new TableName(tokens.get(i).text(), tokens.get(i + 2).text());
      if (tokens.get(i + 1).is('.') && tables.contains(name)) {
        text.append(sql, copied, tokens.get(i).start());
        copied = tokens.get(i + 2).start();
      }
    }
    return text.append(sql, copied, sql.length()).toString();
  }

  private static RpcException refuse(String message) {
    return new RpcException(Status.Code.FAILED_PRECONDITION, message);
  }
}
