package dev.shunt.tablet.vreplication;

import binlogdata.Binlogdata;
import io.vitess.proto.Query;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gathers rows into chunks of some megabytes and has them loaded side by side. A table that is
 * larger than one chunk may lose its secondary keys first; see {@link SecondaryKeys}.
 */
final class LoadingWriter implements CopyWriter {
  /** Larger chunks gain nothing and cost memory; smaller ones cost commits. */
  private static final int CHUNK_BYTES = 8 * 1024 * 1024;

  private final TargetTable plan;
  private final List<Query.Field> keyFields;
  private final ChunkLoader loader;
  private final Runnable beforeTheFirstChunk;
  private boolean begun;
  private @Nullable LoadText chunk;
  private Query.Row lastKey = Query.Row.getDefaultInstance();
  private int[] offsets = {};
  private int[] lengths = {};

  /**
   * @param keyFields fields of the keys that packets end with
   * @param loader becomes the writer's
   * @param beforeTheFirstChunk called once, and only if the rows fill more than one chunk
   */
  LoadingWriter(
      TargetTable plan,
      List<Query.Field> keyFields,
      ChunkLoader loader,
      Runnable beforeTheFirstChunk) {
    this.plan = plan;
    this.keyFields = List.copyOf(keyFields);
    this.loader = loader;
    this.beforeTheFirstChunk = beforeTheFirstChunk;
  }

  @Override
  public void write(Binlogdata.VStreamRowsResponse packet) throws InterruptedException {
    LoadText text = chunk == null ? loader.buffer() : chunk;
    if (text.size() >= CHUNK_BYTES) {
      if (!begun) {
        beforeTheFirstChunk.run();
      }
      load(text);
      text = loader.buffer();
    }
    chunk = text;
    for (Query.Row row : packet.getRowsList()) {
      append(text, row);
    }
    lastKey = packet.getLastpk();
  }

  private void append(LoadText text, Query.Row row) {
    int count = row.getLengthsCount();
    if (lengths.length < count) {
      lengths = new int[count];
      offsets = new int[count];
    }
    int at = 0;
    for (int i = 0; i < count; i++) {
      int length = (int) row.getLengths(i);
      offsets[i] = at;
      lengths[i] = length;
      at += Math.max(length, 0);
    }
    plan.appendLine(text, row.getValues().toByteArray(), offsets, lengths);
  }

  private void load(LoadText text) throws InterruptedException {
    begun = true;
    loader.load(
        text, Query.QueryResult.newBuilder().addAllFields(keyFields).addRows(lastKey).build());
  }

  @Override
  public void finish() throws InterruptedException {
    LoadText text = chunk;
    if (text != null && text.rows() > 0) {
      chunk = null;
      load(text);
    }
    loader.finish();
  }

  @Override
  public void close() {
    loader.close();
  }
}
