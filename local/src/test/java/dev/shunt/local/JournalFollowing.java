package dev.shunt.local;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Journal;
import binlogdata.Binlogdata.KeyspaceShard;
import binlogdata.Binlogdata.ShardGtid;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.TabletParts;
import dev.shunt.tablet.VReplicationEngine;
import dev.shunt.tabletclient.ResultRow;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.workflow.streams.TextProto;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.function.IntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tabletmanagerdata.Tabletmanagerdata.VReplicationExecRequest;
import tabletmanagerservice.TabletManagerGrpc;

/**
 * An engine whose running streams follow a journal by themselves, as those of a stock vttablet do:
 * once the streams from all shards that the journal names as participants have met it, they are
 * removed, and streams of the same workflow run in their place from the shards and positions that
 * the journal names.
 */
final class JournalFollowing implements VReplicationEngine {
  private static final Pattern MET =
      Pattern.compile("the source of this stream was moved by journal (-?\\d+)");
  private static final Metadata.Key<String> TRANSACTION =
      Metadata.Key.of("shunt-transaction", Metadata.ASCII_STRING_MARSHALLER);
  private static final String COPIED =
      "max_tps, max_replication_lag, cell, tablet_types, time_updated, transaction_timestamp,"
          + " db_name, workflow_type, workflow_sub_type, defer_secondary_keys, options";

  private final VReplicationEngine streams;
  private final TabletParts.Context context;
  private final TabletClients clients;
  private final Semaphore news = new Semaphore(0);
  private final AtomicInteger followed = new AtomicInteger();
  private final Thread thread = Thread.ofVirtual().name("journals").unstarted(this::follow);

  /**
   * Runs streams with another engine.
   *
   * @param streams an engine whose streams stop at a journal
   * @param clients reaches the sources, whose journals are read
   */
  JournalFollowing(VReplicationEngine streams, TabletParts.Context context, TabletClients clients) {
    this.streams = streams;
    this.context = context;
    this.clients = clients;
    var unused = streams.watch(id -> news.release());
    thread.start();
  }

  /** A stream as it stands in the database. */
  private record Met(int id, String workflow, BinlogSource source, long journal) {
    boolean readsFrom(KeyspaceShard shard) {
      return source.getKeyspace().equals(shard.getKeyspace())
          && source.getShard().equals(shard.getShard());
    }
  }

  /** How many streams have followed a journal. */
  int followed() {
    return followed.get();
  }

  private void follow() {
    try {
      while (true) {
        news.acquire();
        news.drainPermits();
        try {
          for (Met met : met()) {
            if (followAll(met)) {
              news.release(); // what is left is looked at anew
              break;
            }
          }
        } catch (MysqlException e) {
          Thread.sleep(100); // the database is away for a moment
          news.release();
        }
      }
    } catch (InterruptedException e) {
      return; // closed
    }
  }

  private List<Met> met() {
    List<Met> all = new ArrayList<>();
    try (MysqlConnection database = MysqlConnection.open(context.endpoint())) {
      for (Row row :
          database
              .execute(
                  "select id, workflow, source, coalesce(message, '') from _vt.vreplication where"
                      + " state = 'Stopped' and db_name = "
                      + SqlText.literal(context.identity().database()))
              .rows()) {
        Matcher message = MET.matcher(row.text(3));
        if (message.matches()) {
          all.add(
              new Met(
                  (int) row.number(0),
                  row.text(1),
                  TextProto.binlogSource(row.text(2)),
                  Long.parseLong(message.group(1))));
        }
      }
    }
    return all;
  }

  /** Moves the streams of a workflow when all of them have come to the journal. */
  private boolean followAll(Met one) {
    Optional<Journal> journal = journal(one);
    if (journal.isEmpty()) {
      return false;
    }
    List<Met> together = new ArrayList<>();
    List<Met> all = met();
    for (KeyspaceShard participant : journal.get().getParticipantsList()) {
      Optional<Met> there =
          all.stream()
              .filter(met -> met.workflow().equals(one.workflow()) && met.readsFrom(participant))
              .findFirst();
      if (there.isEmpty()) {
        return false; // it still has to come, or it never will
      }
      together.add(there.get());
    }
    List<String> statements = new ArrayList<>();
    for (ShardGtid gtid : journal.get().getShardGtidsList()) {
      statements.add(insert(one, gtid));
    }
    together.forEach(met -> statements.add("delete from _vt.vreplication where id=" + met.id()));
    transact(statements);
    followed.addAndGet(together.size());
    return true;
  }

  private Optional<Journal> journal(Met met) {
    return context
        .topo()
        .primary(met.source().getKeyspace(), met.source().getShard())
        .flatMap(source ->
            ResultRow.of(
                    clients
                        .of(source)
                        .vReplicationExec(
                            "select val from _vt.resharding_journal where id=" + met.journal()))
                .stream()
                .findFirst())
        .map(row -> TextProto.journal(row.text("val")));
  }

  private String insert(Met met, ShardGtid gtid) {
    BinlogSource source =
        met.source().toBuilder().setKeyspace(gtid.getKeyspace()).setShard(gtid.getShard()).build();
    try (MysqlConnection database = MysqlConnection.open(context.endpoint())) {
      Row row =
          database
              .execute("select " + COPIED + " from _vt.vreplication where id = " + met.id())
              .only();
      List<String> values = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        values.add(SqlText.literal(row.text(i)));
      }
      return "insert into _vt.vreplication (workflow, source, pos, state, %s) values (%s, %s, %s, 'Running', %s)"
          .formatted(
              COPIED,
              SqlText.literal(met.workflow()),
              SqlText.literal(TextProto.print(source)),
              SqlText.literal(gtid.getGtid()),
              String.join(", ", values));
    }
  }

  /** By the tablet's own call, so that it takes turns with others. */
  private void transact(List<String> statements) {
    Topodata.Tablet self = context.topo().tablet(context.identity().alias()).orElseThrow().value();
    Metadata headers = new Metadata();
    headers.put(StockAnswers.OWN, "1");
    headers.put(TRANSACTION, "1");
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(self.getHostname(), self.getPortMapOrThrow("grpc"))
            .usePlaintext()
            .build();
    try {
      var unused =
          TabletManagerGrpc.newBlockingStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
              .vReplicationExec(
                  VReplicationExecRequest.newBuilder()
                      .setQuery(String.join("; ", statements))
                      .build());
    } finally {
      channel.shutdownNow();
    }
  }

  @Override
  public Lock turn() {
    return streams.turn();
  }

  @Override
  public void open() {
    streams.open();
  }

  @Override
  public void close() {
    streams.close();
  }

  /** Ends it for good. */
  void end() {
    thread.interrupt();
  }

  @Override
  public void check(Collection<BinlogSource> sources) {
    streams.check(sources);
  }

  @Override
  public void stop(Collection<Integer> ids) {
    streams.stop(ids);
  }

  @Override
  public void start(Collection<Integer> ids, MysqlConnection connection) {
    streams.start(ids, connection);
  }

  @Override
  public void retune(Collection<Integer> ids) {
    streams.retune(ids);
  }

  @Override
  public void waitForPosition(int id, String position, Duration timeout)
      throws InterruptedException {
    streams.waitForPosition(id, position, timeout);
  }

  @Override
  public AutoCloseable watch(IntConsumer listener) {
    return streams.watch(listener);
  }
}
