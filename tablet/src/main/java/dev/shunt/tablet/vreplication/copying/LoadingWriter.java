package dev.shunt.tablet.vreplication.copying;

import dev.shunt.tablet.vreplication.writing.LoadText;
import dev.shunt.tablet.vreplication.writing.SecondaryKeys;
import dev.shunt.tablet.vreplication.writing.TargetTable;
import dev.shunt.tabletclient.RowPacket;
import io.vitess.proto.Query;
import org.jspecify.annotations.Nullable;

/**
 * Gathers rows into chunks of some megabytes and has them loaded side by side. A table that is
 * larger than one chunk may lose its secondary keys first; see {@link SecondaryKeys}.
 */
final class LoadingWriter implements CopyWriter {
  /** Larger chunks gain nothing and cost memory; smaller ones cost commits. */
  static final int CHUNK_BYTES = 8 * 1024 * 1024;

  private final TargetTable plan;
  private final ChunkLoader loader;
  private final Preparation beforeTheFirstChunk;
  private boolean begun;
  private @Nullable LoadText chunk;
  private Query.Row lastKey = Query.Row.getDefaultInstance();

  /** Done once, when it is known that there is more than one chunk. */
  interface Preparation {
    void prepare() throws InterruptedException;
  }

  /**
   * @param beforeTheFirstChunk called once, and only if the rows fill more than one chunk
   */
  LoadingWriter(TargetTable plan, ChunkLoader loader, Preparation beforeTheFirstChunk) {
    this.plan = plan;
    this.loader = loader;
    this.beforeTheFirstChunk = beforeTheFirstChunk;
  }

  @Override
  public void write(RowPacket packet) throws InterruptedException {
    LoadText text = current();
    if (text.size() >= CHUNK_BYTES) {
      if (!begun) {
        beforeTheFirstChunk.prepare();
      }
      load(text);
      text = loader.buffer();
    }
    LoadText lines = text;
    chunk = lines;
    packet.read((buffer, offsets, lengths, cells) ->
        plan.statements().appendLine(lines, buffer, offsets, lengths));
    lastKey = packet.head().getLastpk();
  }

  private LoadText current() {
    LoadText text = chunk;
    return text == null ? loader.buffer() : text;
  }

  private void load(LoadText text) throws InterruptedException {
    begun = true;
    loader.load(text, lastKey);
  }

  @Override
  public long finish() throws InterruptedException {
    LoadText text = chunk;
    if (text != null && text.rows() > 0) {
      chunk = null;
      load(text);
    }
    return loader.finish();
  }
}
