package dev.shunt.bench.copy;

import dev.shunt.bench.data.DataSet;
import dev.shunt.bench.data.LoadFiles;
import dev.shunt.bench.data.Table;
import dev.shunt.bench.server.Instance;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.QueryResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * LOAD DATA of files that are ready on the server's disk: how fast the server takes rows when
 * nobody has to read them first. Each stream is a connection that takes the next file.
 */
final class LoadData implements CopyWay {
  static final String PREFIX = "load_data_";

  private final Instance target;
  private final DataSet data;
  private final LoadFiles files;
  private final int streams;
  private final boolean deferKeys;

  LoadData(Instance target, DataSet data, LoadFiles files, int streams, boolean deferKeys) {
    this.target = target;
    this.data = data;
    this.files = files;
    this.streams = streams;
    this.deferKeys = deferKeys;
  }

  @Override
  public String name() {
    return PREFIX + streams + (deferKeys ? "_keys_deferred" : "_keys_kept");
  }

  @Override
  public void copy() throws Exception {
    target.run(
        data.tables().stream()
            .map(deferKeys ? Table::createWithoutSecondaryKeys : Table::create)
            .toList());
    Queue<LoadFiles.Part> parts = new ConcurrentLinkedQueue<>(files.parts());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> loading = new ArrayList<>();
      for (int i = 0; i < streams; i++) {
        Callable<Void> stream =
            () -> {
              load(parts);
              return null;
            };
        loading.add(threads.submit(stream));
      }
      for (Future<?> each : loading) {
        var _ = each.get();
      }
    }
    if (deferKeys) {
      data.tables().forEach(table -> target.run(table.addSecondaryKeys()));
    }
  }

  private void load(Queue<LoadFiles.Part> parts) {
    try (MysqlConnection connection = target.connect()) {
      connection.execute("SET unique_checks = 0, foreign_key_checks = 0");
      for (LoadFiles.Part part = parts.poll(); part != null; part = parts.poll()) {
        QueryResult result = connection.execute(part.load());
        if (result.affectedRows() != part.rows() || result.warnings() != 0) {
          throw new IllegalStateException(
              "%s: %d of %d rows loaded, %d warnings"
                  .formatted(part.file(), result.affectedRows(), part.rows(), result.warnings()));
        }
      }
    }
  }
}
