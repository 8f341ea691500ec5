package dev.shunt.tablet.vreplication.applying;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Position;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.vreplication.stream.StreamContext;
import dev.shunt.tablet.vreplication.stream.StreamFilter;
import dev.shunt.tablet.vreplication.writing.TargetTables;
import dev.shunt.tabletclient.LoggedKeyActions;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.workflow.foreignkeys.ForeignKey;
import dev.shunt.workflow.foreignkeys.KeyComparison;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tabletmanagerdata.Tabletmanagerdata;

/**
 * Sees to it that foreign keys do the same to rows on both sides where the source's log does not
 * show what they did: MariaDB, and MySQL before 9.6 or with {@code innodb_native_foreign_keys}.
 *
 * <p>The source shows its foreign keys as they are now, which may be ahead of the stream. Under
 * {@code on_ddl=IGNORE} it goes no further until they are alike. Under the others it meets the
 * statement that changed them, and unlike ones are refused only when it has come as far as the
 * source was without having met one.
 */
public final class KeyActions {
  private static final int NO_SUCH_TABLE = 1146;

  private final StreamContext stream;
  private final MysqlConnection connection;
  private final TabletClient source;
  private final StreamFilter filter;
  private final TargetTables tables;
  private boolean unlogged;
  private @Nullable Unlike pending;

  /**
   * Foreign keys that are unlike.
   *
   * @param since where the stream was
   * @param known where the source was when it was known
   */
  private record Unlike(String since, Position known, List<String> problems) {}

  /**
   * For one run of a stream; {@link #begin} looks at both sides.
   *
   * @param connection the stream's on the target
   */
  public KeyActions(
      StreamContext stream,
      MysqlConnection connection,
      TabletClient source,
      StreamFilter filter,
      TargetTables tables) {
    this.stream = stream;
    this.connection = connection;
    this.source = source;
    this.filter = filter;
    this.tables = tables;
    this.unlogged = !LoggedKeyActions.of(source).today();
  }

  /**
   * Looks at both sides.
   *
   * @param position where the stream is; empty when it has not begun
   * @param follows whether it stops at changes of tables or carries them out
   * @throws RpcException FAILED_PRECONDITION when they are unlike
   */
  public void begin(String position, boolean follows) {
    List<String> problems = problems();
    pending = null;
    if (problems.isEmpty()) {
      return;
    }
    if (!follows || position.isEmpty()) {
      throw refuse(problems, position);
    }
    Unlike unlike = new Unlike(position, Position.parse(source.primaryPosition()), problems);
    if (Position.parse(position).atLeast(unlike.known())) {
      throw refuse(problems, ""); // nothing is left that may make them alike
    }
    pending = unlike;
  }

  private static RpcException refuse(List<String> problems, String position) {
    return refuse(
        KeyComparison.refusal(problems, "start the stream again")
            + (position.isEmpty()
                ? ""
                : "; if the source's were changed behind position "
                    + position
                    + ", which the stream has reached, with `workflow update --on-ddl STOP` it"
                    + " stops behind that statement, for you to do the same on the target"));
  }

  private static RpcException refuse(String message) {
    return new RpcException(Status.Code.FAILED_PRECONDITION, message);
  }

  /**
   * Takes note that a file of the log does not show what foreign keys did, though the source's does
   * today: its server was upgraded since.
   *
   * @param position where the stream is
   * @param follows whether it stops at changes of tables or carries them out
   * @throws RpcException FAILED_PRECONDITION when they are unlike
   */
  void untold(String position, boolean follows) {
    if (!unlogged) {
      unlogged = true;
      begin(position, follows);
    }
  }

  /** Whether a statement of the source changes what the stream's changes do to rows. */
  boolean dependOn(SourceDdl ddl) {
    return unlogged && ddl.changesForeignKeys();
  }

  /**
   * Takes note of a statement that the target has followed.
   *
   * @param behind position behind it
   */
  void followed(SourceDdl ddl, String behind) {
    if (dependOn(ddl)) {
      begin(behind, true);
    }
  }

  /**
   * Lets a statement of the source be passed over when both sides are alike.
   *
   * @param before position that it follows
   * @throws RpcException FAILED_PRECONDITION otherwise
   */
  void demandAlike(SourceDdl ddl, String before) {
    if (!dependOn(ddl)) {
      return;
    }
    KeyComparison both = comparison();
    List<String> problems = new ArrayList<>(both.problems());
    if (problems.isEmpty()) {
      problems.addAll(notDropped(ddl, both)); // the source may have got it again since
    }
    if (!problems.isEmpty()) {
      throw refuse(
          "the source changed foreign keys, its log does not tell what they do to rows, and on_ddl=IGNORE"
              + " would pass over it; it follows position %s: %s. To go on: do the same on the"
                  .formatted(before, String.join("; ", problems))
              + " target and start the stream again, or `workflow update --on-ddl EXEC` carries it"
              + " out there. The statement: "
              + ddl.sql());
    }
  }

  private static List<String> notDropped(SourceDdl ddl, KeyComparison both) {
    List<String> left = new ArrayList<>();
    both.actingOnTarget()
        .forEach((table, keys) -> {
          for (ForeignKey key : keys) {
            if (ddl.drops(table, key.name())) {
              left.add("the target has " + key.text(table));
            }
          }
        });
    return left;
  }

  /**
   * Takes note of how far the stream has come.
   *
   * @throws RpcException FAILED_PRECONDITION when no statement changed unlike keys by now
   */
  void passed(Trail reached) {
    Unlike unlike = pending;
    if (unlike != null && reached.position().atLeast(unlike.known())) {
      throw refuse(
          KeyComparison.refusal(unlike.problems(), "start the stream again")
              + "; what was changed from position "
              + unlike.since()
              + " to "
              + unlike.known().encoded()
              + " was applied under these, so rows that they act on may differ: compare the tables,"
              + " and copy those anew that do");
    }
  }

  private List<String> problems() {
    return unlogged ? comparison().problems() : List.of();
  }

  private KeyComparison comparison() {
    Map<String, String> here = definitions(filter.targets());
    tables.expect(
        here.entrySet().stream()
            .collect(
                Collectors.toMap(Map.Entry::getKey, entry -> ForeignKey.in(entry.getValue()))));
    List<String> named =
        filter.targets().stream().map(table -> filter.select(table).table()).toList();
    Map<String, String> definitions = new HashMap<>(sourceDefinitions(named));
    List<String> further =
        KeyComparison.parents(definitions.values()).stream()
            .filter(table -> !definitions.containsKey(table))
            .toList();
    if (!further.isEmpty()) {
      definitions.putAll(sourceDefinitions(further));
    }
    Map<String, String> all = new HashMap<>(here);
    all.putAll(
        definitions(
            KeyComparison.parents(here.values()).stream()
                .filter(table -> !here.containsKey(table))
                .toList()));
    return new KeyComparison(filter.selects(), stream.parser(), definitions, all);
  }

  private Map<String, String> sourceDefinitions(Collection<String> named) {
    if (named.isEmpty()) {
      return Map.of();
    }
    return source
        .getSchema(
            Tabletmanagerdata.GetSchemaRequest.newBuilder()
                .addAllTables(named)
                .setTableSchemaOnly(true)
                .build())
        .getTableDefinitionsList()
        .stream()
        .collect(
            Collectors.toMap(
                table -> table.getName(), table -> table.getSchema(), (one, _) -> one));
  }

  private Map<String, String> definitions(Collection<String> named) {
    Map<String, String> definitions = new HashMap<>();
    for (String table : named) {
      try {
        String sql = "SHOW CREATE TABLE " + SqlText.qualified(stream.tablet().database(), table);
        definitions.put(table, connection.execute(sql).only().text(1));
      } catch (MysqlException e) {
        if (e.errno() != NO_SUCH_TABLE) {
          throw e;
        }
      }
    }
    return definitions;
  }
}
