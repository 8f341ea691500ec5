package dev.shunt.tablet.manager;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.query.QueryResults;
import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlToken;
import dev.shunt.workflow.streams.Rules;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import tabletmanagerdata.Tabletmanagerdata.GetSchemaRequest;
import tabletmanagerdata.Tabletmanagerdata.SchemaDefinition;
import tabletmanagerdata.Tabletmanagerdata.TableDefinition;

/** Reads a database's schema as Vitess describes it. */
final class SchemaDefinitionReader {
  static final String VIEW = "VIEW";
  private static final String BASE_TABLE = "BASE TABLE";
  static final String DATABASE_PLACE = "`{{.DatabaseName}}`";
  private static final int NO_SUCH_TABLE = 1146;

  private final String database;

  SchemaDefinitionReader(String database) {
    this.database = database;
  }

  /** Reads what a request selects, sorted by name, tables before views. */
  SchemaDefinition read(MysqlConnection connection, GetSchemaRequest request) {
    List<Pattern> only = patterns(request.getTablesList());
    List<Pattern> without = patterns(request.getExcludeTablesList());
    // In its own database, a view's text would not say which database its tables are in.
    connection.use("information_schema");
    connection.flavor().sessions().seeFreshStatistics(connection);
    List<Row> tables =
        connection
            .execute(
                "SELECT table_name, table_type, data_length, table_rows"
                    + " FROM information_schema.tables WHERE table_schema = "
                    + SqlText.literal(database)
                    + " ORDER BY table_type, table_name")
            .rows();
    Map<String, List<String>> keys = primaryKeys(connection);
    SchemaDefinition.Builder schema =
        SchemaDefinition.newBuilder().setDatabaseSchema(databaseSchema(connection));
    for (Row row : tables) {
      String name = row.text(0);
      boolean view = row.text(1).equals(VIEW);
      boolean known = view ? request.getIncludeViews() : row.text(1).equals(BASE_TABLE);
      boolean wanted = only.isEmpty() || matches(only, name);
      if (!known || !wanted || matches(without, name) || Rules.isInternal(name)) {
        continue;
      }
      try {
        schema.addTableDefinitions(table(connection, row, view, keys, request));
      } catch (MysqlException e) {
        // Dropped since the list was read.
        if (e.errno() != NO_SUCH_TABLE) {
          throw e;
        }
      }
    }
    return schema.build();
  }

  private TableDefinition table(
      MysqlConnection connection,
      Row row,
      boolean view,
      Map<String, List<String>> keys,
      GetSchemaRequest request) {
    String name = row.text(0);
    String qualified = SqlText.qualified(database, name);
    TableDefinition.Builder table =
        TableDefinition.newBuilder()
            .setName(name)
            .setType(row.text(1))
            .addAllPrimaryKeyColumns(keys.getOrDefault(name, List.of()))
            .setDataLength(row.isNull(2) ? 0 : Long.parseUnsignedLong(row.text(2)))
            .setRowCount(row.isNull(3) ? 0 : Long.parseUnsignedLong(row.text(3)));
    String create =
        connection.execute("SHOW CREATE " + (view ? "VIEW " : "TABLE ") + qualified).only().text(1);
    table.setSchema(
        view
            ? create.replace(SqlText.identifier(database), DATABASE_PLACE)
            : withoutAutoIncrement(create));
    if (request.getTableSchemaOnly()) {
      return table.build();
    }
    QueryResults.fields(
            connection.execute("SELECT * FROM " + qualified + " WHERE 1 = 0").columns(),
            Query.ExecuteOptions.IncludedFields.ALL)
        .forEach(field -> {
          table.addColumns(field.getName());
          table.addFields(field);
        });
    return table.build();
  }

  private Map<String, List<String>> primaryKeys(MysqlConnection connection) {
    Map<String, List<String>> keys = new LinkedHashMap<>();
    connection
        .execute(
            "SELECT table_name, column_name FROM information_schema.statistics"
                + " WHERE index_name = 'PRIMARY' AND table_schema = "
                + SqlText.literal(database)
                + " ORDER BY table_name, seq_in_index")
        .rows()
        .forEach(
            row -> keys.computeIfAbsent(row.text(0), name -> new ArrayList<>()).add(row.text(1)));
    return keys;
  }

  private String databaseSchema(MysqlConnection connection) {
    return connection
        .execute("SHOW CREATE DATABASE " + SqlText.identifier(database))
        .only()
        .text(1)
        .replace(SqlText.identifier(database), DATABASE_PLACE);
  }

  /** Leaves out the table option AUTO_INCREMENT=n, which changes with the rows. */
  static String withoutAutoIncrement(String create) {
    List<SqlToken> tokens = SqlLexer.lex(create).tokens();
    int depth = 0;
    for (int i = 0; i + 2 < tokens.size(); i++) {
      SqlToken token = tokens.get(i);
      depth += token.is('(') ? 1 : token.is(')') ? -1 : 0;
      boolean option =
          depth == 0
              && token.is("AUTO_INCREMENT")
              && tokens.get(i + 1).is('=')
              && tokens.get(i + 2).kind() == SqlToken.Kind.NUMBER;
      if (option) {
        String rest = create.substring(tokens.get(i + 2).end());
        return create.substring(0, token.start()) + rest.stripLeading();
      }
    }
    return create;
  }

  private static List<Pattern> patterns(List<String> names) {
    return names.stream().map(SchemaDefinitionReader::pattern).toList();
  }

  /** A name, or a regular expression between slashes that may match anywhere. */
  static Pattern pattern(String name) {
    if (name.length() > 2 && name.startsWith("/") && name.endsWith("/")) {
      try {
        return Pattern.compile(".*(?:" + name.substring(1, name.length() - 1) + ").*");
      } catch (PatternSyntaxException e) {
        throw new RpcException(
            Status.Code.INVALID_ARGUMENT,
            "cannot compile regexp " + name + " for table: " + e.getDescription(),
            e);
      }
    }
    return Pattern.compile(Pattern.quote(name));
  }

  private static boolean matches(List<Pattern> patterns, String name) {
    return patterns.stream().anyMatch(pattern -> pattern.matcher(name).matches());
  }
}
