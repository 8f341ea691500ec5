package dev.shunt.schemas;

import dev.shunt.schemas.UndecodableException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/**
 * Turns the Java records into Avro and back. Equal records have equal bytes: maps are written in
 * the order of their keys.
 */
public final class RecordCodec {
  private static final ClassValue<RecordMapping> MAPPINGS =
      new ClassValue<>() {
        @Override
        protected RecordMapping computeValue(Class<?> type) {
          return RecordMapping.of(type, SchemaFiles.schemaOf(type.asSubclass(Message.class)));
        }
      };

  private RecordCodec() {}

  /** The record as Avro's own; IllegalArgumentException when a field is null that must not be. */
  public static GenericRecord toAvro(Message message) {
    return mapping(message.getClass()).toAvro(message);
  }

  /** The record that an Avro record of its current schema stands for. */
  public static <T extends Message> T fromAvro(GenericRecord record, Class<T> type) {
    return type.cast(mapping(type).toJava(record));
  }

  /** Appends Avro binary without any frame, in the current schema of its type. */
  static void encode(Message message, ByteArrayOutputStream bytes) {
    RecordMapping mapping = mapping(message.getClass());
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    try {
      mapping.write(message, encoder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads Avro binary that was written in any compatible schema of the type's name.
   *
   * @param writer schema it was written in; its full name tells the type
   * @param bytes holds it
   * @param offset where it starts; it goes on to the end
   * @throws UndecodableException when the name is unknown, or the bytes don't fit
   */
  public static Message decode(Schema writer, byte[] bytes, int offset) {
    Class<? extends Message> type =
        writer.getType() == Schema.Type.RECORD ? MessageTypes.byName(writer.getFullName()) : null;
    if (type == null) {
      throw new UndecodableException(
          Kind.UNKNOWN_RECORD,
          "no record of Shunt has the schema " + writer.getType() + " " + writer.getName());
    }
    return decode(writer, type, bytes, offset);
  }

  private static Message decode(
      Schema writer, Class<? extends Message> type, byte[] bytes, int offset) {
    RecordMapping mapping = mapping(type);
    BoundedDecoder decoder = new BoundedDecoder(bytes, offset);
    try {
      Object message =
          mapping.isSame(writer)
              ? mapping.read(decoder)
              : mapping.toJava(
                  new GenericDatumReader<GenericRecord>(writer, mapping.schema())
                      .read(null, decoder));
      if (decoder.remaining() > 0) {
        throw new UndecodableException(
            Kind.MALFORMED, decoder.remaining() + " bytes follow the " + type.getSimpleName());
      }
      return type.cast(message);
    } catch (UndecodableException e) {
      throw e;
    } catch (IOException | RuntimeException | StackOverflowError e) { // a schema may be recursive
      throw new UndecodableException(
          Kind.MALFORMED, "not a " + type.getSimpleName() + ": " + e.getMessage(), e);
    }
  }

  private static RecordMapping mapping(Class<? extends Message> type) {
    return MAPPINGS.get(type);
  }
}
