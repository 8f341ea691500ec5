package dev.shunt.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.schemas.UndecodableException.Kind;
import dev.shunt.schemas.registry.InMemoryRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A head says what the whole record says, of exactly those records that can be read whole. */
class StreamHeadReaderTest {
  private static final long SEED = 20261201;

  private final InMemoryRegistry registry = new InMemoryRegistry();
  private final MessageSerializer serializer = new MessageSerializer(registry);
  private final MessageDeserializer deserializer = new MessageDeserializer(registry);
  private final StreamHeadReader heads = new StreamHeadReader(registry);

  static Stream<Class<? extends StreamEvent>> reports() {
    return Stream.of(StreamReported.class, StreamRemoved.class);
  }

  static Stream<Class<? extends Message>> otherRecords() {
    return MessageTypes.all().stream().filter(type -> !StreamEvent.class.isAssignableFrom(type));
  }

  @ParameterizedTest
  @MethodSource("reports")
  void saysWhatTheWholeReportSays(Class<? extends StreamEvent> type) {
    RandomRecords records = new RandomRecords(SEED);
    for (int i = 0; i < 500; i++) {
      StreamEvent report = records.next(type);

      assertThat(heads.read(serialize(report)))
          .as("seed %d, round %d", SEED, i)
          .isEqualTo(headOf(report));
    }
  }

  @ParameterizedTest
  @MethodSource("reports")
  void refusesAReportThatEndsEarlyOrGoesOn(Class<? extends StreamEvent> type) {
    RandomRecords records = new RandomRecords(SEED);
    for (int i = 0; i < 10; i++) {
      byte[] bytes = serialize(records.next(type));

      for (int length = 0; length < bytes.length; length++) {
        byte[] cut = Arrays.copyOf(bytes, length);
        assertThatThrownBy(() -> heads.read(cut))
            .as("seed %d, round %d, %d of %d bytes", SEED, i, length, bytes.length)
            .isInstanceOf(UndecodableException.class);
      }
      assertRefused(Arrays.copyOf(bytes, bytes.length + 1), Kind.MALFORMED);
    }
  }

  @ParameterizedTest
  @MethodSource("reports")
  void refusesDamageThatTheWholeReportRefuses(Class<? extends StreamEvent> type) {
    RandomRecords records = new RandomRecords(SEED);
    Random random = new Random(SEED);
    for (int i = 0; i < 400; i++) {
      byte[] bytes = serialize(records.next(type));
      for (int damage = 0; damage < 2; damage++) {
        bytes[5 + random.nextInt(bytes.length - 5)] = (byte) random.nextInt();
      }

      assertThat(outcome(() -> heads.read(bytes)))
          .as("seed %d, round %d", SEED, i)
          .isEqualTo(outcome(() -> headOf((StreamEvent) deserializer.decode(bytes))));
    }
  }

  /** What would be read one by one is not passed over because the block says how long it is. */
  @Test
  void refusesGarbageInABlockThatSaysItsLength() {
    byte[] whole = serialize(withoutCopyStates());
    byte[] block = {1, 6, -1, -1, -1, 0}; // -1 element of three bytes, and no other block
    byte[] bytes = Arrays.copyOf(whole, whole.length - 1 + block.length);
    System.arraycopy(block, 0, bytes, whole.length - 1, block.length);

    assertThatThrownBy(() -> deserializer.decode(bytes)).isInstanceOf(UndecodableException.class);
    assertRefused(bytes, Kind.MALFORMED);
  }

  @Test
  void readsABlockThatSaysItsLength() {
    StreamReported report = withoutCopyStates();
    byte[] whole = serialize(report);
    byte[] block = {1, 8, 2, 't', 2, 'p', 0};
    byte[] bytes = Arrays.copyOf(whole, whole.length - 1 + block.length);
    System.arraycopy(block, 0, bytes, whole.length - 1, block.length);

    StreamReported read = (StreamReported) deserializer.decode(bytes);
    assertThat(read.stream().copyStates()).containsExactly(new CopyState("t", "p"));
    assertThat(heads.read(bytes)).isEqualTo(headOf(report));
  }

  /** Its last byte is the number of copy states: none. */
  private static StreamReported withoutCopyStates() {
    StreamReported report = new RandomRecords(SEED).next(StreamReported.class);
    return new StreamReported(
        report.keyspace(),
        report.workflow(),
        report.at(),
        report.stream().with(draft -> draft.copyStates = List.of()));
  }

  @ParameterizedTest
  @MethodSource("otherRecords")
  void leavesOtherRecordsAlone(Class<? extends Message> type) {
    assertThat(heads.read(serialize(new RandomRecords(SEED).next(type)))).isNull();
  }

  @Test
  void refusesWhatIsNotInTheWireFormat() {
    assertRefused(new byte[0], Kind.NOT_WIRE_FORMAT);
    assertRefused("garbage".getBytes(StandardCharsets.UTF_8), Kind.NOT_WIRE_FORMAT);
    assertRefused(new byte[] {0, 0, 0, 0}, Kind.NOT_WIRE_FORMAT);
    assertRefused(new byte[] {0, 0, 0, 0, 99, 2}, Kind.UNKNOWN_SCHEMA);
  }

  /** One from before the last field: no field of a stream has a default, so the whole is lost. */
  @Test
  void refusesTheReportOfAWriterWhoseWholeIsLost() {
    Schema older = withStream(stream -> stream.subList(0, stream.size() - 1));
    StreamReported report = new RandomRecords(SEED).next(StreamReported.class);

    byte[] bytes = write(in(older, RecordCodec.toAvro(report)));

    assertThatThrownBy(() -> heads.read(bytes)).isInstanceOf(UndecodableException.class);
    assertThatThrownBy(() -> deserializer.decode(bytes)).isInstanceOf(UndecodableException.class);
  }

  @Test
  void readsTheReportOfANewerWriter() {
    Schema note = Schema.create(Schema.Type.STRING);
    Schema first =
        withStream(stream ->
            Stream.concat(Stream.of(new Schema.Field("note", note, "", "n")), stream.stream())
                .toList());
    Schema last =
        withStream(stream ->
            Stream.concat(stream.stream(), Stream.of(new Schema.Field("note", note, "", "n")))
                .toList());

    assertReadsAsTheWhole(first);
    assertReadsAsTheWhole(last);
  }

  /** An older or newer schema may have the fields in any order. */
  @Test
  void readsFieldsInAnyOrder() {
    assertReadsAsTheWhole(withStream(List::reversed));
  }

  /** Whoever registers a schema under a subject of their own is bound to no compatibility. */
  @Test
  void refusesARecordOfTheSameNameThatIsNoReport() {
    Schema noStream =
        schema("StreamReported", List.of(text("keyspace"), text("workflow"), number("at")));
    Schema textStream =
        schema(
            "StreamReported",
            List.of(text("keyspace"), text("workflow"), number("at"), text("stream")));
    Schema perhapsStream =
        schema(
            "StreamReported",
            List.of(
                text("keyspace"),
                text("workflow"),
                number("at"),
                new Schema.Field(
                    "stream",
                    Schema.createUnion(
                        Schema.create(Schema.Type.NULL), SchemaFiles.schemaOf(StreamRemoved.class)),
                    "",
                    Schema.Field.NULL_DEFAULT_VALUE)));
    Schema textId =
        schema(
            "StreamRemoved",
            List.of(
                text("keyspace"),
                text("workflow"),
                number("at"),
                text("shard"),
                text("tablet"),
                text("id")));

    for (Schema schema : List.of(noStream, textStream, perhapsStream, textId)) {
      GenericRecord record = new GenericData.Record(schema);
      for (Schema.Field field : schema.getFields()) {
        switch (field.schema().getType()) {
          case STRING -> record.put(field.name(), "x");
          case LONG -> record.put(field.name(), 1L);
          default -> record.put(field.name(), null);
        }
      }
      byte[] bytes = write(record);

      assertThatThrownBy(() -> deserializer.decode(bytes))
          .as("whole: %s", schema)
          .isInstanceOf(UndecodableException.class);
      assertThatThrownBy(() -> heads.read(bytes))
          .as("head: %s", schema)
          .isInstanceOf(UndecodableException.class);
    }
  }

  private void assertReadsAsTheWhole(Schema writer) {
    RandomRecords records = new RandomRecords(SEED);
    for (int i = 0; i < 50; i++) {
      StreamReported report = records.next(StreamReported.class);

      byte[] bytes = write(in(writer, RecordCodec.toAvro(report)));

      assertThat(heads.read(bytes)).as("seed %d, round %d", SEED, i).isEqualTo(headOf(report));
      assertThat(headOf((StreamEvent) deserializer.decode(bytes))).isEqualTo(headOf(report));
    }
  }

  /** The schema of a report whose stream has other fields. */
  private static Schema withStream(Function<List<Schema.Field>, List<Schema.Field>> change) {
    Schema current = SchemaFiles.schemaOf(StreamReported.class);
    Schema stream =
        schema("StreamStatus", change.apply(copied(current.getField("stream").schema())));
    List<Schema.Field> fields =
        copied(current).stream()
            .map(field ->
                field.name().equals("stream")
                    ? new Schema.Field(field.name(), stream, field.doc())
                    : field)
            .toList();
    return schema("StreamReported", fields);
  }

  private static List<Schema.Field> copied(Schema schema) {
    return schema.getFields().stream()
        .map(field -> new Schema.Field(field, field.schema()))
        .toList();
  }

  private static Schema schema(String name, List<Schema.Field> fields) {
    return Schema.createRecord(name, "", MessageTypes.NAMESPACE, false, fields);
  }

  private static Schema.Field text(String name) {
    return new Schema.Field(name, Schema.create(Schema.Type.STRING));
  }

  private static Schema.Field number(String name) {
    return new Schema.Field(name, Schema.create(Schema.Type.LONG));
  }

  /** A record in another schema, of which a field that the record does not have is "new". */
  private static GenericRecord in(Schema writer, GenericRecord record) {
    GenericRecord written = new GenericData.Record(writer);
    for (Schema.Field field : writer.getFields()) {
      Object value =
          record.getSchema().getField(field.name()) == null ? "new" : record.get(field.name());
      written.put(
          field.name(), value instanceof GenericRecord inner ? in(field.schema(), inner) : value);
    }
    return written;
  }

  private byte[] write(GenericRecord record) {
    int id =
        registry.register("other-" + record.getSchema().toString().hashCode(), record.getSchema());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(MessageSerializer.MAGIC);
    bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(id).array());
    try {
      var encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
      new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toByteArray();
  }

  private static StreamHead headOf(StreamEvent event) {
    return switch (event) {
      case StreamReported(String keyspace, String workflow, long at, StreamStatus stream) ->
          new StreamHead(
              keyspace,
              workflow,
              at,
              new StreamId(stream.shard(), stream.tablet(), stream.id()),
              false,
              stream.state(),
              stream.message());
      case StreamRemoved removed ->
          new StreamHead(
              removed.keyspace(),
              removed.workflow(),
              removed.at(),
              new StreamId(removed.shard(), removed.tablet(), removed.id()),
              true,
              "",
              "");
    };
  }

  private interface Reading {
    StreamHead read();
  }

  /** What was read, or how it was refused. */
  private static Object outcome(Reading reading) {
    try {
      return reading.read();
    } catch (UndecodableException e) {
      return e.kind();
    }
  }

  private void assertRefused(byte[] bytes, Kind kind) {
    assertThatThrownBy(() -> heads.read(bytes))
        .isInstanceOfSatisfying(
            UndecodableException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }

  private byte[] serialize(Message record) {
    byte[] bytes = serializer.serialize("any", record);
    assertThat(bytes).isNotNull();
    return bytes;
  }
}
