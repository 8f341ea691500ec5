package dev.shunt.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.AvroTypeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Single values between Java and Avro's bytes, beside Avro's own classes. */
class ValuesTest {
  /** Generic types, to be had by reflection. */
  @SuppressWarnings("unused")
  private record Types(
      List<String> texts,
      Map<String, Long> numbers,
      List<List<Integer>> lists,
      Map<Long, Long> keys) {}

  enum Side {
    LEFT,
    RIGHT
  }

  private static Type type(int component) {
    return Types.class.getRecordComponents()[component].getGenericType();
  }

  private static Schema schema(String json) {
    return new Schema.Parser().parse(json);
  }

  private static byte[] written(ValueMapping mapping, Object value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    mapping.write(value, EncoderFactory.get().directBinaryEncoder(bytes, null));
    return bytes.toByteArray();
  }

  private static void comesBack(Type type, String json, Object... values) throws IOException {
    Schema schema = schema(json);
    ValueMapping mapping = ValueMapping.of(type, schema, "R.f");
    for (Object value : values) {
      byte[] bytes = written(mapping, value);
      ByteArrayOutputStream avros = new ByteArrayOutputStream();
      BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(avros, null);
      new GenericDatumWriter<>(schema).write(mapping.toAvro(value), encoder);
      assertThat(bytes).isEqualTo(avros.toByteArray());
      Object read =
          new GenericDatumReader<>(schema)
              .read(null, DecoderFactory.get().binaryDecoder(bytes, null));
      for (Object back :
          new Object[] {mapping.read(new BoundedDecoder(bytes, 0)), mapping.toJava(read)}) {
        if (value instanceof byte[] array) {
          assertThat((byte[]) back).isEqualTo(array);
        } else {
          assertThat(back).isEqualTo(value);
        }
      }
    }
  }

  @Test
  void valuesOfEachTypeComeBackAndAreWrittenAsAvroDoes() throws IOException {
    comesBack(String.class, "\"string\"", "", "ä\0漢\uD83D\uDE80", "x".repeat(200));
    comesBack(long.class, "\"long\"", 0L, -1L, 63L, 64L, Long.MIN_VALUE, Long.MAX_VALUE);
    comesBack(Integer.class, "\"int\"", 0, -64, -65, Integer.MIN_VALUE, Integer.MAX_VALUE);
    comesBack(boolean.class, "\"boolean\"", true, false);
    comesBack(double.class, "\"double\"", 0.0, -0.0, Double.NaN, Double.MIN_VALUE, -1e300);
    comesBack(float.class, "\"float\"", 1.5f, Float.NEGATIVE_INFINITY, Float.MIN_VALUE);
    comesBack(byte[].class, "\"bytes\"", new byte[0], new byte[] {0, -1, 127});
    comesBack(
        Side.class,
        "{\"type\":\"enum\",\"name\":\"Side\",\"symbols\":[\"LEFT\",\"RIGHT\"]}",
        Side.LEFT,
        Side.RIGHT);
    comesBack(type(0), "{\"type\":\"array\",\"items\":\"string\"}", List.of(), List.of("", "b"));
    comesBack(
        type(1),
        "{\"type\":\"map\",\"values\":\"long\"}",
        Map.of(),
        new java.util.TreeMap<>(Map.of("b", 1L, "a", 2L)));
    comesBack(
        type(2),
        "{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":\"int\"}}",
        List.of(List.of(), List.of(1, 2)));
  }

  static List<Object[]> mismatches() {
    return List.of(
        new Object[] {int.class, "\"long\""},
        new Object[] {long.class, "\"int\""},
        new Object[] {Object.class, "\"string\""},
        new Object[] {String.class, "\"bytes\""},
        new Object[] {String.class, "{\"type\":\"array\",\"items\":\"string\"}"},
        new Object[] {type(0), "{\"type\":\"map\",\"values\":\"string\"}"},
        new Object[] {type(0), "{\"type\":\"array\",\"items\":\"long\"}"},
        new Object[] {String.class, "{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}"},
        new Object[] {String.class, "\"null\""},
        new Object[] {long.class, "[\"null\",\"long\"]"},
        new Object[] {String.class, "[\"string\",\"null\"]"},
        new Object[] {String.class, "[\"null\",\"string\",\"long\"]"},
        new Object[] {
          Side.class, "{\"type\":\"enum\",\"name\":\"Side\",\"symbols\":[\"LEFT\",\"UP\"]}"
        },
        new Object[] {Side.class, "{\"type\":\"enum\",\"name\":\"Side\",\"symbols\":[\"LEFT\"]}"},
        new Object[] {
          String.class, "{\"type\":\"enum\",\"name\":\"Side\",\"symbols\":[\"LEFT\",\"RIGHT\"]}"
        },
        new Object[] {String.class, "{\"type\":\"record\",\"name\":\"String\",\"fields\":[]}"});
  }

  @ParameterizedTest
  @MethodSource("mismatches")
  void typesThatDoNotCorrespondAreNamedWithTheirField(Type type, String json) {
    assertThatIllegalStateException()
        .isThrownBy(() -> ValueMapping.of(type, schema(json), "R.f"))
        .withMessageStartingWith("R.f is ")
        .withMessageContaining(" in Java");
  }

  @Test
  void nullIsAValueOnlyWhereTheSchemaHasIt() throws IOException {
    ValueMapping optional = ValueMapping.of(String.class, schema("[\"null\",\"string\"]"), "R.f");
    assertThat(optional.nullable()).isTrue();
    assertThat(optional.toAvro(null)).isNull();
    assertThat(optional.read(new BoundedDecoder(new byte[] {0}, 0))).isNull();
    assertThat(optional.read(new BoundedDecoder(new byte[] {2, 2, 'a'}, 0))).isEqualTo("a");
    assertThatExceptionOfType(AvroTypeException.class)
        .isThrownBy(() -> optional.read(new BoundedDecoder(new byte[] {4}, 0)))
        .withMessage("no branch of R.f");
    ValueMapping list =
        ValueMapping.of(type(0), schema("{\"type\":\"array\",\"items\":\"string\"}"), "R.f");
    assertThat(list.nullable()).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> written(list, Collections.singletonList(null)))
        .withMessage("null where the schema has none");
  }

  @ParameterizedTest
  @ValueSource(ints = {2, -1, 100})
  void aSymbolThatThereIsNotIsRefused(int place) {
    ValueMapping side =
        ValueMapping.of(
            Side.class,
            schema("{\"type\":\"enum\",\"name\":\"Side\",\"symbols\":[\"LEFT\",\"RIGHT\"]}"),
            "R.f");
    byte[] bytes = zigzag(place);
    assertThatExceptionOfType(AvroTypeException.class)
        .isThrownBy(() -> side.read(new BoundedDecoder(bytes, 0)))
        .withMessage("no symbol of Side is " + place);
  }

  private static byte[] zigzag(long number) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      EncoderFactory.get().directBinaryEncoder(bytes, null).writeLong(number);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  // --- the decoder ---------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void numbersAreReadAsAvroWritesThem(long seed) throws IOException {
    Random random = new Random(seed);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    long[] longs = new long[1000];
    for (int i = 0; i < longs.length; i++) {
      longs[i] = random.nextLong() >> random.nextInt(64);
      encoder.writeLong(longs[i]);
      encoder.writeDouble(Double.longBitsToDouble(longs[i]));
      encoder.writeFloat((float) longs[i]);
      encoder.writeInt((int) longs[i]);
    }
    BoundedDecoder decoder = new BoundedDecoder(bytes.toByteArray(), 0);
    for (long number : longs) {
      assertThat(decoder.readLong()).isEqualTo(number);
      assertThat(Double.doubleToRawLongBits(decoder.readDouble())).isEqualTo(number);
      assertThat(decoder.readFloat()).isEqualTo((float) number);
      assertThat(decoder.readInt()).isEqualTo((int) number);
    }
    assertThat(decoder.remaining()).isZero();
    assertThatExceptionOfType(EOFException.class)
        .isThrownBy(decoder::readLong)
        .withMessage("ends 1 bytes early");
  }

  @Test
  void aNumberThatIsTooLargeIsRefused() {
    assertThatExceptionOfType(AvroTypeException.class)
        .isThrownBy(() -> new BoundedDecoder(zigzag(1L << 31), 0).readInt())
        .withMessage("not an int: 2147483648");
    byte[] endless = new byte[11];
    Arrays.fill(endless, (byte) 0x80);
    assertThatExceptionOfType(AvroTypeException.class)
        .isThrownBy(() -> new BoundedDecoder(endless, 0).readLong())
        .withMessage("a number of more than ten bytes");
    assertThatExceptionOfType(AvroTypeException.class)
        .isThrownBy(() -> new BoundedDecoder(new byte[] {2}, 0).readBoolean())
        .withMessage("not a boolean: 2");
  }

  @ParameterizedTest
  @CsvSource({"4, 3", "2147483648, 3", "-1, 3", "9223372036854775807, 3"})
  void aLengthThatTheBytesDoNotHaveIsRefused(long length, int left) {
    byte[] head = zigzag(length);
    byte[] bytes = Arrays.copyOf(head, head.length + left);
    for (DecoderCall call :
        List.<DecoderCall>of(
            BoundedDecoder::readString,
            decoder -> decoder.readString(null),
            decoder -> decoder.readBytes(null),
            BoundedDecoder::skipString,
            BoundedDecoder::skipBytes)) {
      assertThatExceptionOfType(EOFException.class)
          .isThrownBy(() -> call.run(new BoundedDecoder(bytes, 0)))
          .withMessage("a length of " + length + " where " + left + " bytes are left");
    }
  }

  /** A call on a decoder. */
  private interface DecoderCall {
    void run(BoundedDecoder decoder) throws IOException;
  }

  /** A block may say how many bytes it has; the smallest number has no positive counterpart. */
  @Test
  void aBlockHasNoMoreElementsThanBytes() throws IOException {
    byte[] sized = {3, 4, 'a', 'b'}; // minus two elements, of two bytes
    assertThat(new BoundedDecoder(sized, 0).readArrayStart()).isEqualTo(2);
    assertThat(new BoundedDecoder(sized, 0).skipMap()).isEqualTo(2);
    byte[] smallest = zigzag(Long.MIN_VALUE);
    assertThatExceptionOfType(EOFException.class)
        .isThrownBy(() -> new BoundedDecoder(Arrays.copyOf(smallest, 20), 0).readMapStart());
    assertThatExceptionOfType(EOFException.class)
        .isThrownBy(() -> new BoundedDecoder(new byte[] {8, 0, 0, 0}, 0).arrayNext())
        .withMessage("a length of 4 where 3 bytes are left");
  }

  @Test
  void fixedBytesAreReadAndSkippedWhole() throws IOException {
    BoundedDecoder decoder = new BoundedDecoder("xabcd".getBytes(UTF_8), 1);
    byte[] target = new byte[4];
    decoder.readFixed(target, 1, 2);
    assertThat(target).containsExactly(0, 'a', 'b', 0);
    decoder.skipFixed(1);
    assertThat(decoder.remaining()).isEqualTo(1);
    assertThatExceptionOfType(EOFException.class)
        .isThrownBy(() -> decoder.skipFixed(3))
        .withMessage("ends 2 bytes early");
  }
}
