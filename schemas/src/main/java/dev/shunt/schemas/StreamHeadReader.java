package dev.shunt.schemas;

import dev.shunt.schemas.UndecodableException.Kind;
import dev.shunt.schemas.registry.SchemaRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericDatumReader;
import org.jspecify.annotations.Nullable;

/**
 * Reads the heads of stream reports. Of the reports of a stream only the last one counts, so
 * whoever reads many of them wants to know which stream each is of, and seldom more: that takes a
 * small part of what reading them whole does. What a head leaves out is skipped field by field, so
 * a report whose head can be read is whole. One in a schema that is not compatible, or has no field
 * for a part of the head, is read whole at once. For one thread.
 */
public final class StreamHeadReader {
  private static final Set<Slot> OF_REPORT = Set.of(Slot.KEYSPACE, Slot.WORKFLOW, Slot.AT);
  private static final Set<Slot> OF_STREAM =
      Set.of(Slot.SHARD, Slot.TABLET, Slot.ID, Slot.STATE, Slot.MESSAGE);
  private static final Set<Slot> OF_REMOVED =
      Set.of(Slot.KEYSPACE, Slot.WORKFLOW, Slot.AT, Slot.SHARD, Slot.TABLET, Slot.ID);

  private final MessageDeserializer deserializer;
  private final Map<Schema, Layout> layouts = new HashMap<>();

  /**
   * @param registry gives the schemas; not closed by this
   */
  public StreamHeadReader(SchemaRegistry registry) {
    deserializer = new MessageDeserializer(registry);
  }

  /** A field of a head; its name in the schemas is the same in small letters. */
  private enum Slot {
    KEYSPACE(Schema.Type.STRING),
    WORKFLOW(Schema.Type.STRING),
    AT(Schema.Type.LONG),
    SHARD(Schema.Type.STRING),
    TABLET(Schema.Type.STRING),
    ID(Schema.Type.LONG),
    STATE(Schema.Type.STRING),
    MESSAGE(Schema.Type.STRING);

    private final Schema.Type type;

    Slot(Schema.Type type) {
      this.type = type;
    }

    boolean isOf(Schema.Field field) {
      return field.name().equals(name().toLowerCase(Locale.ROOT))
          && field.schema().getType() == type;
    }
  }

  /**
   * The fields of a schema in their order, each with the slot that it fills, if any.
   *
   * @param usable whether there is a field for each slot, and what is written so can be read whole
   */
  private record Layout(Schema writer, boolean removed, boolean usable, List<Column> columns) {
    record Column(@Nullable Slot slot, Schema schema) {}

    static Layout of(Schema writer) {
      boolean removed = writer.getName().equals(StreamRemoved.class.getSimpleName());
      List<Column> columns = new ArrayList<>();
      for (Schema.Field field : writer.getFields()) {
        if (!removed
            && field.name().equals("stream")
            && field.schema().getType() == Schema.Type.RECORD) {
          field.schema().getFields().forEach(inner -> columns.add(column(inner, OF_STREAM)));
        } else {
          columns.add(column(field, removed ? OF_REMOVED : OF_REPORT));
        }
      }
      Set<Slot> missing = EnumSet.copyOf(removed ? OF_REMOVED : OF_REPORT);
      missing.addAll(removed ? OF_REMOVED : OF_STREAM);
      columns.forEach(column -> missing.remove(column.slot()));
      boolean usable = missing.isEmpty() && isReadable(removed, writer);
      return new Layout(writer, removed, usable, List.copyOf(columns));
    }

    /** Whether what is written in that schema can be read in that of this build. */
    private static boolean isReadable(boolean removed, Schema writer) {
      Schema reader = SchemaFiles.schemaOf(removed ? StreamRemoved.class : StreamReported.class);
      return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType()
          == SchemaCompatibilityType.COMPATIBLE;
    }

    private static Column column(Schema.Field field, Set<Slot> slots) {
      Slot slot = slots.stream().filter(one -> one.isOf(field)).findFirst().orElse(null);
      return new Column(slot, field.schema());
    }
  }

  /**
   * The head of a report; null when the value is some other record of Shunt.
   *
   * @throws UndecodableException when it is no record of Shunt, or not whole
   * @throws dev.shunt.schemas.registry.RegistryException when the registry can't be reached: the
   *     bytes may be fine
   */
  public @Nullable StreamHead read(byte[] bytes) {
    Schema writer = deserializer.writer(bytes);
    Layout layout;
    try {
      layout = layout(writer);
      if (layout != null && layout.usable()) {
        return read(layout, new BoundedDecoder(bytes, MessageDeserializer.HEADER));
      }
    } catch (UndecodableException e) {
      throw e;
    } catch (IOException | RuntimeException | StackOverflowError e) { // a schema may be recursive
      throw new UndecodableException(
          Kind.MALFORMED, "not a " + writer.getName() + ": " + e.getMessage(), e);
    }
    return layout == null ? null : StreamHead.of((StreamEvent) deserializer.decode(bytes));
  }

  private @Nullable Layout layout(Schema writer) {
    Class<? extends Message> type =
        writer.getType() == Schema.Type.RECORD ? MessageTypes.byName(writer.getFullName()) : null;
    return type != null && StreamEvent.class.isAssignableFrom(type)
        ? layouts.computeIfAbsent(writer, Layout::of)
        : null;
  }

  private static StreamHead read(Layout layout, BoundedDecoder decoder) throws IOException {
    String keyspace = "";
    String workflow = "";
    long at = 0;
    String shard = "";
    String tablet = "";
    long id = 0;
    String state = "";
    String message = "";
    for (Layout.Column column : layout.columns()) {
      switch (column.slot()) {
        case KEYSPACE -> keyspace = decoder.readString();
        case WORKFLOW -> workflow = decoder.readString();
        case AT -> at = decoder.readLong();
        case SHARD -> shard = decoder.readString();
        case TABLET -> tablet = decoder.readString();
        case ID -> id = decoder.readLong();
        case STATE -> state = decoder.readString();
        case MESSAGE -> message = decoder.readString();
        case null -> GenericDatumReader.skip(column.schema(), decoder);
      }
    }
    if (decoder.remaining() > 0) {
      throw new UndecodableException(
          Kind.MALFORMED, decoder.remaining() + " bytes follow the " + layout.writer().getName());
    }
    return new StreamHead(
        keyspace, workflow, at, new StreamId(shard, tablet, id), layout.removed(), state, message);
  }
}
