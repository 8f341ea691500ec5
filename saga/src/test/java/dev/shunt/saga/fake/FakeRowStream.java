package dev.shunt.saga.fake;

import binlogdata.Binlogdata.VStreamRowsResponse;
import com.google.protobuf.ByteString;
import dev.shunt.tabletclient.RowPacket;
import dev.shunt.tabletclient.TabletStream;
import io.vitess.proto.Query;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Rows of a table as a tablet streams them: fields first, then two rows a message. */
final class FakeRowStream implements TabletStream<RowPacket> {
  private final FakeTablet tablet;
  private final Iterator<VStreamRowsResponse> messages;
  private final AtomicBoolean open = new AtomicBoolean(true);

  private FakeRowStream(FakeTablet tablet, Iterator<VStreamRowsResponse> messages) {
    this.tablet = tablet;
    this.messages = messages;
    tablet.openRowStreams.incrementAndGet();
  }

  static FakeRowStream of(FakeTablet tablet, String query) {
    String table = query.substring(query.indexOf(" from ") + 6).split("[ `]+", -1)[0];
    if (table.isEmpty()) {
      table = query.split("`", -1)[query.split("`", -1).length - 2];
    }
    String name = table;
    VStreamRowsResponse head =
        VStreamRowsResponse.newBuilder()
            .addFields(field("id", Query.Type.INT64))
            .addFields(field("v", Query.Type.VARCHAR))
            .addPkfields(field("id", Query.Type.INT64))
            .setGtid(tablet.positionText())
            .build();
    List<VStreamRowsResponse> all = new java.util.ArrayList<>(List.of(head));
    VStreamRowsResponse.Builder message = VStreamRowsResponse.newBuilder();
    for (List<String> row : tablet.rows.getOrDefault(name, List.of())) {
      message.addRows(row(row));
      if (message.getRowsCount() == 2) {
        all.add(message.build());
        message = VStreamRowsResponse.newBuilder();
      }
    }
    all.add(message.build());
    return new FakeRowStream(tablet, all.iterator());
  }

  private static Query.Field field(String name, Query.Type type) {
    return Query.Field.newBuilder().setName(name).setType(type).build();
  }

  private static Query.Row row(List<String> values) {
    Query.Row.Builder row = Query.Row.newBuilder();
    ByteString.Output bytes = ByteString.newOutput();
    for (String value : values) {
      byte[] raw = value.getBytes(StandardCharsets.UTF_8);
      row.addLengths(raw.length);
      bytes.write(raw, 0, raw.length);
    }
    return row.setValues(bytes.toByteString()).build();
  }

  @Override
  public boolean hasNext() {
    return messages.hasNext();
  }

  @Override
  public RowPacket next() {
    return RowPacket.of(messages.next());
  }

  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      tablet.openRowStreams.decrementAndGet();
    }
  }
}
