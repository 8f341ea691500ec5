package dev.shunt.tablet.vstreamer;

import binlogdata.Binlogdata.VStreamTablesResponse;
import com.google.protobuf.ByteString;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.StreamSink;
import dev.shunt.tablet.schema.SchemaReader;
import dev.shunt.tablet.schema.TableSchema;
import dev.shunt.tabletclient.HoldSnapshot;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The snapshots that are held for others to read from, by their names. */
final class SharedSnapshots implements AutoCloseable {
  /** After this long without a sign of life a holder that is gone would not be noticed. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);

  private static final Query.Field HAS_WANTED =
      Query.Field.newBuilder().setName(HoldSnapshot.AT_LEAST).build();

  private static final Query.Field CUT_BY_KEYS =
      Query.Field.newBuilder().setName(HoldSnapshot.BY_KEYS).build();

  private final String database;
  private final MysqlEndpoint endpoint;
  private final long partBytes;
  private final Map<String, HeldSnapshot> byName = new ConcurrentHashMap<>();

  /**
   * @param partBytes bytes of a table that make a part of it
   */
  SharedSnapshots(String database, MysqlEndpoint endpoint, long partBytes) {
    this.database = database;
    this.partBytes = partBytes;
    this.endpoint = endpoint.withDatabase(database);
  }

  /** A snapshot; FAILED_PRECONDITION when none of that name is held. */
  HeldSnapshot find(String name) {
    HeldSnapshot held = byName.get(name);
    if (held == null) {
      throw new RpcException(Status.Code.FAILED_PRECONDITION, "no snapshot " + name + " is held");
    }
    return held;
  }

  /**
   * Takes a snapshot, announces its tables, and holds it until the thread is interrupted.
   *
   * @param wanted a position of which it is said whether the snapshot has it
   * @param byKeys whether tables may be cut at keys of rows
   */
  void hold(
      String name,
      List<String> tables,
      int sessions,
      @Nullable Position wanted,
      boolean byKeys,
      StreamSink<VStreamTablesResponse> sink)
      throws InterruptedException {
    if (tables.isEmpty()) {
      throw new RpcException(Status.Code.INVALID_ARGUMENT, "no tables to take a snapshot of");
    }
    List<TableSchema> schemas = schemas(tables);
    try (HeldSnapshot held = HeldSnapshot.open(endpoint, tables, sessions)) {
      if (byName.putIfAbsent(name, held) != null) {
        throw new RpcException(
            Status.Code.ALREADY_EXISTS, "a snapshot " + name + " is held already");
      }
      try {
        boolean has = wanted != null && held.position().atLeast(wanted);
        for (VStreamTablesResponse table : describe(held, schemas, byKeys)) {
          sink.accept(has ? table.toBuilder().addFields(HAS_WANTED).build() : table);
        }
        VStreamTablesResponse heartbeat =
            VStreamTablesResponse.newBuilder().setGtid(held.position().encoded()).build();
        while (true) {
          TimeUnit.NANOSECONDS.sleep(HEARTBEAT.toNanos());
          sink.accept(heartbeat);
        }
      } finally {
        byName.remove(name, held);
      }
    }
  }

  private List<TableSchema> schemas(List<String> tables) {
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      SchemaReader reader = new SchemaReader(connection);
      return tables.stream().distinct().map(table -> reader.demand(database, table)).toList();
    }
  }

  /** One message a table, the largest first. */
  private List<VStreamTablesResponse> describe(
      HeldSnapshot held, List<TableSchema> schemas, boolean byKeys) throws InterruptedException {
    try (SnapshotSession session = held.session()) {
      KeyParts parts = new KeyParts(session.connection(), database, partBytes);
      Map<String, Long> sizes = parts.sizes();
      Comparator<TableSchema> bySize =
          Comparator.comparing(table -> sizes.getOrDefault(table.name(), 0L));
      List<VStreamTablesResponse> messages = new ArrayList<>();
      for (TableSchema table : schemas.stream().sorted(bySize.reversed()).toList()) {
        VStreamTablesResponse.Builder message =
            VStreamTablesResponse.newBuilder()
                .setTableName(table.name())
                .setGtid(held.position().encoded())
                .addAllPkfields(new KeyOrder(table).fields(database));
        switch (parts.cuts(table, sizes.getOrDefault(table.name(), 0L), byKeys)) {
          case Cuts.Numbers numbers ->
              numbers.starts().forEach(start -> message.addRows(row(start.toString())));
          case Cuts.Keys keys -> message.addFields(CUT_BY_KEYS).addAllRows(keys.ends());
        }
        messages.add(message.build());
      }
      return messages;
    }
  }

  private static Query.Row row(String value) {
    ByteString text = ByteString.copyFromUtf8(value);
    return Query.Row.newBuilder().addLengths(text.size()).setValues(text).build();
  }

  @Override
  public void close() {
    byName.values().forEach(HeldSnapshot::close);
  }
}
