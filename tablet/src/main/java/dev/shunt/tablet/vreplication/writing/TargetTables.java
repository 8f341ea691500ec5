package dev.shunt.tablet.vreplication.writing;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.preflight.Preflight;
import dev.shunt.tablet.schema.ColumnSchema;
import dev.shunt.tablet.schema.SchemaReader;
import dev.shunt.tablet.schema.TableSchema;
import dev.shunt.tablet.vreplication.stream.StreamFilter;
import dev.shunt.workflow.foreignkeys.ForeignKey;
import dev.shunt.workflow.sql.RuleSelect.Grouping;
import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlToken;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tables of the target's database as they were when last looked at. */
public final class TargetTables {
  /** By what a table refuses rows. */
  private static final Set<String> REFUSING = Set.of("check", "partition", "generated");

  private final MysqlConnection connection;
  private final SchemaReader reader;
  private final String database;
  private final Map<String, Known> known = new HashMap<>();

  private final Collations collations;
  private @Nullable StreamFilter filter;
  private Optional<TimeZones> zones = Optional.empty();
  private boolean checksFields = true;
  private boolean narrow;

  /** Tables with rows that are not this stream's. */
  private Set<String> shared = Set.of();

  /** Foreign keys of tables when they were last compared with the source's. */
  private Map<String, List<ForeignKey>> expected = Map.of();

  private record Known(TableSchema schema, TableFacts facts) {}

  /**
   * Looks at nothing yet.
   *
   * @param connection tables are looked at over it
   * @param database theirs
   */
  public TargetTables(MysqlConnection connection, String database) {
    this.connection = connection;
    this.reader = new SchemaReader(connection);
    this.database = database;
    this.collations = new Collations(connection);
  }

  /**
   * Says what fills the tables from now on.
   *
   * @throws RpcException FAILED_PRECONDITION for time zones that the server does not know
   */
  public void fillBy(StreamFilter newFilter, Optional<TimeZones> newZones) {
    if (!newZones.equals(zones)) {
      newZones.ifPresent(given -> given.demandKnown(connection));
    }
    this.filter = newFilter;
    this.zones = newZones;
  }

  /**
   * Says whether values may lose digits and blanks in columns that are narrower than the source's.
   */
  public void narrow(boolean allowed) {
    this.narrow = allowed;
  }

  /** Says that the fields to come have names, but no types yet. */
  public void withoutTypes() {
    this.checksFields = false;
  }

  /** Says which tables have rows that are not this stream's. */
  public void share(Set<String> tables) {
    this.shared = Set.copyOf(tables);
  }

  /** Says which foreign keys tables have; with others they are to be looked at again. */
  public void expect(Map<String, List<ForeignKey>> foreignKeys) {
    this.expected = Map.copyOf(foreignKeys);
  }

  /**
   * Whether rows of the table that are there already may be others'. They must not be replaced, so
   * of a table in the middle of its copy it has to be known exactly which rows are copied.
   */
  public boolean isShared(String table) {
    return shared.contains(table);
  }

  /**
   * How rows with these fields are written to a table. If it lacks a column it is looked at again:
   * it may have got it meanwhile.
   *
   * @throws RpcException FAILED_PRECONDITION when they can't be; NOT_FOUND when the table or a
   *     column is missing, which somebody may still add
   */
  public TargetTable plan(String table, List<Query.Field> fields) {
    boolean remembered = known.containsKey(table);
    try {
      return planAsKnown(table, fields);
    } catch (RpcException e) {
      if (!remembered || e.code() != Status.Code.NOT_FOUND) {
        throw e;
      }
      known.remove(table);
      return planAsKnown(table, fields);
    }
  }

  private TargetTable planAsKnown(String table, List<Query.Field> fields) {
    Known read = known.computeIfAbsent(table, this::read);
    ColumnPlan plan =
        filter == null
            ? ColumnPlan.all(fields, zones)
            : ColumnPlan.of(filter.select(table), fields, zones, collations, connection.flavor());
    ColumnPlan checked =
        checksFields ? new FieldCheck(collations, narrow).check(read.schema(), fields, plan) : plan;
    return new TargetTable(read.schema(), read.facts(), checked);
  }

  /** Whether a row of the source is one of the table, by a key that distinguishes rows. */
  public boolean distinguishesRows(String table) {
    boolean merges = filter != null && filter.select(table).grouping() != Grouping.NONE;
    return !merges && known.computeIfAbsent(table, this::read).schema().uniqueKey();
  }

  /** Compares texts by collations of the source that this server has, too. */
  public TextOrder textOrder() {
    return (collation, a, b) -> collations.compare(collation, a, b);
  }

  /** The columns of a table as they are now; none when it is not there. */
  public List<ColumnSchema> columns(String table) {
    return reader.read(database, table).map(TableSchema::columns).orElse(List.of());
  }

  /** Names of the database's tables. */
  public List<String> names() {
    return connection
        .execute(
            "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND"
                + " TABLE_SCHEMA = "
                + SqlText.literal(database)
                + " ORDER BY TABLE_NAME")
        .rows()
        .stream()
        .map(row -> row.text(0))
        .toList();
  }

  /** Whether a table of the database has a row. */
  public boolean hasRows(String table) {
    String sql = "SELECT 1 FROM " + SqlText.qualified(database, table) + " LIMIT 1";
    return !connection.execute(sql).rows().isEmpty();
  }

  /** Forgets what is known: tables may have changed. */
  public void refresh() {
    known.clear();
  }

  /** Whether a table is not what it was when it was looked at. */
  public boolean changed() {
    return known.values().stream()
        .flatMap(each -> each.facts().stamp().stream())
        .anyMatch(stamp -> !stamp.isSame(connection));
  }

  private Known read(String table) {
    Preflight.demandTargetTable(connection, database, table);
    TableSchema found = schema(table);
    // Before the rest: what changes meanwhile changes the stamp.
    TableStamp stamp = TableStamp.read(connection, database, found.name());
    List<ForeignKey> compared = expected.get(table);
    if (compared != null && !compared.equals(ForeignKey.in(stamp.definition()))) {
      throw new TargetChangedException(table);
    }
    List<SqlToken> definition = definition(table);
    return new Known(
        schema(table),
        new TableFacts(
            connection.flavor(),
            standsAlone(table),
            refuses(definition),
            hasPeriodKey(definition),
            Optional.of(stamp)));
  }

  private List<SqlToken> definition(String table) {
    String sql = "SHOW CREATE TABLE " + SqlText.qualified(database, table);
    return SqlLexer.lex(connection.execute(sql).only().text(1)).tokens();
  }

  private static boolean hasPeriodKey(List<SqlToken> tokens) {
    for (int i = 1; i < tokens.size(); i++) {
      if (tokens.get(i - 1).is("without") && tokens.get(i).is("overlaps")) {
        return true;
      }
    }
    return false;
  }

  private static boolean refuses(List<SqlToken> tokens) {
    for (int i = 1; i < tokens.size(); i++) {
      boolean word = tokens.get(i).kind() == SqlToken.Kind.WORD;
      boolean expression = tokens.get(i).is('(') && tokens.get(i - 1).is('('); // of an index
      if (expression || (word && REFUSING.contains(tokens.get(i).lower()))) {
        return true;
      }
    }
    return false;
  }

  private TableSchema schema(String table) {
    return reader
        .read(database, table)
        .orElseThrow(() ->
            new RpcException(
                Status.Code.NOT_FOUND, "table " + table + " not found in database " + database));
  }

  private boolean standsAlone(String table) {
    String schemaName = SqlText.literal(database);
    String tableName = SqlText.literal(table);
    return connection
        .execute(
            "SELECT 1 FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA="
                + schemaName
                + " AND EVENT_OBJECT_TABLE="
                + tableName
                + " UNION ALL SELECT 1 FROM information_schema.KEY_COLUMN_USAGE WHERE"
                + " REFERENCED_TABLE_NAME IS NOT NULL AND ((TABLE_SCHEMA="
                + schemaName
                + " AND TABLE_NAME="
                + tableName
                + ") OR (REFERENCED_TABLE_SCHEMA="
                + schemaName
                + " AND REFERENCED_TABLE_NAME="
                + tableName
                + "))")
        .rows()
        .isEmpty();
  }
}
