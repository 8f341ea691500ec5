package dev.shunt.bench.server;

import dev.shunt.bench.measure.Probe;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** A source and a target server with a tablet beside each, five processes with the benchmark's. */
public final class Instances implements AutoCloseable {
  private static final String SOURCE_KEYSPACE = "source";
  private static final String TARGET_KEYSPACE = "target";
  private static final int SOURCE_UID = 100;
  private static final int TARGET_UID = 200;
  private static final int REPLICA_UID = 300;

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final ServerOptions options;
  private final Path folder;
  private final Instance source;
  private final Instance target;
  private final TabletProcess sourceTablet;
  private final TabletProcess targetTablet;
  private final OnlineCopy copy;

  private Instances(ServerOptions options, Path folder) {
    this.options = options;
    this.folder = folder;
    try {
      source =
          database(options, "source_db", SOURCE_UID, "vt_" + SOURCE_KEYSPACE, folder, "source");
      target =
          database(options, "target_db", TARGET_UID, "vt_" + TARGET_KEYSPACE, folder, "target");
      sourceTablet =
          keep(
              TabletProcess.start(
                  new TabletProcess.Setup(
                      "source_tablet",
                      SOURCE_UID,
                      SOURCE_KEYSPACE,
                      folder.resolve("source-tablet"),
                      options.javaOptions(),
                      List.of()),
                  source));
      targetTablet =
          keep(
              TabletProcess.start(
                  new TabletProcess.Setup(
                      "target_tablet",
                      TARGET_UID,
                      TARGET_KEYSPACE,
                      folder.resolve("target-tablet"),
                      options.javaOptions(),
                      List.of(sourceTablet.record())),
                  target));
      copy =
          new OnlineCopy(
              source,
              target,
              sourceTablet,
              targetTablet,
              keep(TabletClients.grpc(TabletClientConfig.DEFAULT)));
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** Starts all of them below a folder. */
  public static Instances start(ServerOptions options, Path folder) {
    return new Instances(options, folder);
  }

  private Instance database(
      ServerOptions options, String name, int id, String database, Path folder, String sub) {
    return keep(
        Instance.start(
            options.engine(), name, id, database, folder.resolve(sub), options.bufferPool()));
  }

  private <T extends AutoCloseable> T keep(T part) {
    opened.push(part);
    return part;
  }

  /**
   * Starts one more server, with a database of the source's name, as a replica of it needs.
   *
   * @param name what it is called in figures
   */
  public Instance startReplica(String name) {
    return database(options, name, REPLICA_UID, source.database(), folder, "replica");
  }

  /** The server that is read. */
  public Instance source() {
    return source;
  }

  /** The server that is written. */
  public Instance target() {
    return target;
  }

  /** The stream from one to the other. */
  public OnlineCopy copy() {
    return copy;
  }

  /** The two servers, for work that no tablet takes part in. */
  public List<Probe> databases() {
    return List.of(source, target);
  }

  /** The four processes. */
  public List<Probe> probes() {
    return List.of(source, target, sourceTablet, targetTablet);
  }

  @Override
  public void close() {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        throw new IllegalStateException("a server did not end", e);
      }
    }
  }
}
