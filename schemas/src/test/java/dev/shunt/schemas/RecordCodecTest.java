package dev.shunt.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.schemas.UndecodableException.Kind;
import dev.shunt.schemas.registry.InMemoryRegistry;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordCodecTest {
  private static final long SEED = 20261122;

  private final InMemoryRegistry registry = new InMemoryRegistry();
  private final MessageSerializer serializer = new MessageSerializer(registry);
  private final MessageDeserializer deserializer = new MessageDeserializer(registry);

  static Collection<Class<? extends Message>> types() {
    return MessageTypes.all();
  }

  @ParameterizedTest
  @MethodSource("types")
  void everyRecordComesBackEqual(Class<? extends Message> type) {
    RandomRecords records = new RandomRecords(SEED);
    for (int i = 0; i < 200; i++) {
      Message record = records.next(type);

      byte[] bytes = serialize(record);
      Message back = deserializer.decode(bytes);

      assertThat(back)
          .as("seed %d, round %d", SEED, i)
          .usingRecursiveComparison()
          .isEqualTo(record);
      assertThat(serialize(back)).isEqualTo(bytes);
    }
  }

  /** What Avro itself makes of a record is the measure, in both directions. */
  @ParameterizedTest
  @MethodSource("types")
  void everyRecordIsWrittenAndReadAsAvroDoes(Class<? extends Message> type) throws Exception {
    RandomRecords records = new RandomRecords(SEED);
    Schema schema = SchemaFiles.schemaOf(type);
    Schema other = new Schema.Parser().parse(schema.toString());
    other.addProp("written", "by a build whose schema is not this one");
    for (int i = 0; i < 50; i++) {
      Message record = records.next(type);
      ByteArrayOutputStream avro = new ByteArrayOutputStream();
      var encoder = EncoderFactory.get().directBinaryEncoder(avro, null);
      new GenericDatumWriter<GenericRecord>(schema).write(RecordCodec.toAvro(record), encoder);

      ByteArrayOutputStream ours = new ByteArrayOutputStream();
      RecordCodec.encode(record, ours);

      assertThat(ours.toByteArray()).isEqualTo(avro.toByteArray());
      assertThat(RecordCodec.decode(other, avro.toByteArray(), 0))
          .as("resolved")
          .usingRecursiveComparison()
          .isEqualTo(RecordCodec.decode(schema, avro.toByteArray(), 0));
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void bytesThatEndEarlyOrGoOnAreRefused(Class<? extends Message> type) {
    byte[] bytes = serialize(new RandomRecords(SEED).next(type));

    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> deserializer.decode(cut))
          .as("%d of %d bytes", length, bytes.length)
          .isInstanceOf(UndecodableException.class);
    }
    assertThatThrownBy(() -> deserializer.decode(Arrays.copyOf(bytes, bytes.length + 1)))
        .isInstanceOfSatisfying(
            UndecodableException.class, e -> assertThat(e.kind()).isEqualTo(Kind.MALFORMED));
  }

  @ParameterizedTest
  @MethodSource("types")
  void damagedBytesGiveARecordOrARefusalAndNothingElse(Class<? extends Message> type) {
    RandomRecords records = new RandomRecords(SEED);
    Random random = new Random(SEED);
    for (int i = 0; i < 300; i++) {
      byte[] bytes = serialize(records.next(type));
      for (int damage = 0; damage < 3; damage++) {
        bytes[5 + random.nextInt(bytes.length - 5)] = (byte) random.nextInt();
      }
      try {
        assertThat(deserializer.decode(bytes)).isInstanceOf(type);
      } catch (UndecodableException e) {
        assertThat(e.kind()).isEqualTo(Kind.MALFORMED);
      }
    }
  }

  @Test
  void aLengthOfGigabytesAllocatesNothing() {
    byte[] bytes = serialize(new RandomRecords(SEED).next(StepStarted.class));
    byte[] huge = Arrays.copyOf(bytes, 10);
    // 2^31 - 1 in zigzag
    System.arraycopy(HexFormat.of().parseHex("feffffff0f"), 0, huge, 5, 5);

    assertThatThrownBy(() -> deserializer.decode(huge))
        .isInstanceOf(UndecodableException.class)
        .hasMessageContaining("a length of 2147483647");
  }

  @Test
  void theWireFormatIsConfluents() {
    byte[] bytes = serialize(new TopoChange("global", "m", "", "{}", true, 7, 1000));

    assertThat(HexFormat.of().formatHex(bytes))
        .isEqualTo(
            "00" // magic
                + "00000001" // id of the schema
                + "0c676c6f62616c" // cell
                + "026d" // path
                + "00" // kind
                + "047b7d" // json
                + "01" // deleted
                + "0e" // version
                + "d00f"); // at
  }

  @Test
  void aHeaderComesBeforeThePayload() {
    byte[] bytes =
        serialize(
            new WorkflowDelete(
                new CommandHeader("c1", "customer", "m", "ann", "", 7L, true, 1000), true, false));

    assertThat(HexFormat.of().formatHex(bytes))
        .startsWith(
            "00" // magic
                + "00000001" // id of the schema
                + "046331" // commandId
                + "10637573746f6d6572" // keyspace
                + "026d" // workflow
                + "06616e6e" // issuer
                + "00" // reason
                + "020e" // expectedVersion: second branch, 7
                + "01" // dryRun
                + "d00f") // issuedAt; then what the header has been given since
        .endsWith(
            "01" // keepData
                + "00"); // keepRoutingRules
  }

  @Test
  void mapsAreWrittenInTheOrderOfTheirKeys() {
    Map<String, String> oneWay = new LinkedHashMap<>();
    Map<String, String> otherWay = new HashMap<>();
    for (int i = 0; i < 20; i++) {
      oneWay.put("k" + (19 - i), "v");
      otherWay.put("k" + i, "v");
    }

    assertThat(serialize(succeeded(oneWay))).isEqualTo(serialize(succeeded(otherWay)));
  }

  @Test
  void tombstonesStayNull() {
    assertThat(serializer.serialize("t", null)).isNull();
    assertThat(deserializer.deserialize("t", null)).isNull();
  }

  @Test
  void aMissingFieldIsNamed() {
    StepUndone withoutHeader = new StepUndone(noHeader(), "deny", 5);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> serializer.serialize("t", withoutHeader))
        .withMessage("StepUndone.header must not be null");
  }

  @Test
  void whatIsNotInTheWireFormatIsRefused() {
    assertRefused(new byte[0], Kind.NOT_WIRE_FORMAT);
    assertRefused(new byte[] {1, 0, 0, 0, 1, 2}, Kind.NOT_WIRE_FORMAT);
    assertRefused(new byte[] {0, 0, 0, 0}, Kind.NOT_WIRE_FORMAT);
    assertRefused(new byte[] {0, 0, 0, 0, 99, 2}, Kind.UNKNOWN_SCHEMA);
  }

  @Test
  void anUnknownRecordIsRefused() throws Exception {
    Schema unknown =
        SchemaBuilder.record("Unheard")
            .namespace("dev.shunt")
            .fields()
            .requiredLong("x")
            .endRecord();
    GenericRecord record = new GenericData.Record(unknown);
    record.put("x", 1L);

    assertRefused(write(record), Kind.UNKNOWN_RECORD);
  }

  @Test
  void aNewerWritersFieldIsLeftOutAndAnOlderOnesMissingFieldIsDefaulted() throws Exception {
    Schema current = SchemaFiles.schemaOf(StepUndone.class);
    GenericRecord known = RecordCodec.toAvro(new RandomRecords(SEED).next(StepUndone.class));
    List<Schema.Field> fields =
        current.getFields().stream().map(field -> new Schema.Field(field, field.schema())).toList();
    Schema newer = Schema.createRecord("StepUndone", "", "dev.shunt", false, withExtra(fields));
    GenericRecord written = new GenericData.Record(newer);
    current.getFields().forEach(field -> written.put(field.name(), known.get(field.name())));
    written.put("note", "new");

    assertThat(deserializer.decode(write(written)))
        .isEqualTo(RecordCodec.fromAvro(known, StepUndone.class));

    Schema header = SchemaFiles.schemaOf(WorkflowDelete.class).getField("header").schema();
    Schema older =
        new Schema.Parser()
            .parse(
                SchemaFiles.schemaOf(WorkflowDelete.class)
                    .toString()
                    .replaceAll("\\{\"name\":\"expectedVersion\".*?\"default\":null},", ""));
    GenericRecord command =
        RecordCodec.toAvro(
            new WorkflowDelete(
                new CommandHeader("c1", "k", "w", "i", "r", 9L, false, 5), true, true));
    GenericRecord olderHeader = new GenericData.Record(older.getField("header").schema());
    header.getFields().stream()
        .map(Schema.Field::name)
        .filter(name -> !name.equals("expectedVersion"))
        .forEach(name -> olderHeader.put(name, ((GenericRecord) command.get("header")).get(name)));
    GenericRecord olderCommand = new GenericData.Record(older);
    olderCommand.put("header", olderHeader);
    olderCommand.put("keepData", true);
    olderCommand.put("keepRoutingRules", true);

    assertThat(RecordCodec.decode(older, binary(olderCommand), 0))
        .isEqualTo(
            new WorkflowDelete(
                new CommandHeader("c1", "k", "w", "i", "r", null, false, 5), true, true));
  }

  @Test
  void aDiffFromBeforeItsLimitWasToldHasOneThatIsNotKnown() throws Exception {
    Schema older =
        new Schema.Parser().parse(Files.readString(Path.of("src/history/VDiffStarted/1.avsc")));
    VDiffStarted started =
        new VDiffStarted(
            new EventHeader("k", "w", "c1", 5, "i", 1), "u1", List.of("t"), List.of("0"), 7, true);
    GenericRecord known = RecordCodec.toAvro(started);
    GenericRecord written = new GenericData.Record(older);
    older.getFields().forEach(field -> written.put(field.name(), known.get(field.name())));

    assertThat(RecordCodec.decode(older, binary(written), 0))
        .isEqualTo(
            new VDiffStarted(
                started.header(), "u1", started.tables(), started.shards(), -1, false));
  }

  @Test
  void aStatusOfAVersionThatKnewOneDiffInFlightKeepsIt() throws Exception {
    Schema older =
        new Schema.Parser().parse(Files.readString(Path.of("src/history/WorkflowStatus/3.avsc")));
    GenericRecord written = new GenericData.Record(older);
    GenericRecord known = RecordCodec.toAvro(WorkflowStatus.of("k", "w"));
    older.getFields().forEach(field -> written.put(field.name(), known.get(field.name())));
    GenericData.EnumSymbol phase =
        new GenericData.EnumSymbol(older.getField("phase").schema(), "ACTIVE");
    written.put("phase", phase);
    Schema inFlight = older.getField("inFlight").schema().getTypes().get(1);
    GenericRecord diff = new GenericData.Record(inFlight);
    diff.put("commandId", "v1");
    diff.put("commandType", "VDiffCreate");
    diff.put("issuer", "ann");
    diff.put("dryRun", false);
    diff.put("admittedAt", 5L);
    diff.put("step", "");
    diff.put("fence", 7L);
    written.put("inFlightDiff", diff);

    WorkflowStatus status = (WorkflowStatus) RecordCodec.decode(older, binary(written), 0);

    InFlight then = new InFlight("v1", "VDiffCreate", "ann", false, 5, "", 7, "", List.of());
    assertThat(status.inFlightDiffs()).containsExactly(then);
    assertThat(status.inFlightDiff()).isEqualTo(then);
    assertThat(status.with(draft -> draft.inFlightDiffs = List.of()).inFlightDiff()).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4})
  void aStatusOfAVersionThatHadTheStreamsInItNamesTheirShards(int version) throws Exception {
    String file =
        Files.readString(Path.of("src/history/WorkflowStatus/%d.avsc".formatted(version)));
    Schema older =
        new SharedTypes(name -> SchemaFiles.text(SchemaFiles.sharedResource(name)))
            .compose("WorkflowStatus", file);
    List<StreamStatus> streams =
        List.of(
            StreamStatus.of("80-", "zone1-0000000300", 1),
            StreamStatus.of("-80", "zone1-0000000200", 1),
            StreamStatus.of("-80", "zone1-0000000200", 2));
    GenericRecord known =
        RecordCodec.toAvro(WorkflowStatus.of("k", "w").with(draft -> draft.streams = streams));
    GenericRecord written = new GenericData.Record(older);
    older.getFields().forEach(field -> written.put(field.name(), known.get(field.name())));

    WorkflowStatus status = (WorkflowStatus) RecordCodec.decode(older, binary(written), 0);

    assertThat(status.streams()).isEqualTo(streams);
    assertThat(status.shards()).containsExactly("-80", "80-");
    assertThat(status.sources()).isEqualTo(StreamSources.NONE);
  }

  private static List<Schema.Field> withExtra(List<Schema.Field> fields) {
    return Stream.concat(
            fields.stream(),
            Stream.of(new Schema.Field("note", Schema.create(Schema.Type.STRING), "n", "")))
        .toList();
  }

  private byte[] write(GenericRecord record) throws Exception {
    int id = registry.register(record.getSchema().getFullName() + "-other", record.getSchema());
    byte[] body = binary(record);
    byte[] bytes = new byte[body.length + 5];
    bytes[4] = (byte) id;
    System.arraycopy(body, 0, bytes, 5, body.length);
    return bytes;
  }

  private static byte[] binary(GenericRecord record) throws Exception {
    var out = new ByteArrayOutputStream();
    var encoder = EncoderFactory.get().binaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
    encoder.flush();
    return out.toByteArray();
  }

  private void assertRefused(byte[] bytes, Kind kind) {
    assertThatThrownBy(() -> deserializer.decode(bytes))
        .isInstanceOfSatisfying(
            UndecodableException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }

  private byte[] serialize(Message record) {
    byte[] bytes = serializer.serialize("any", record);
    assertThat(bytes).isNotNull();
    return bytes;
  }

  private static CommandSucceeded succeeded(Map<String, String> attributes) {
    return new CommandSucceeded(
        new EventHeader("k", "w", "c", 1, "me", 0), "T", "done", List.of(), attributes, 3);
  }

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T noHeader() {
    return null;
  }
}
