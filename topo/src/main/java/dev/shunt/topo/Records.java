package dev.shunt.topo;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/** Records to bytes and back. */
final class Records {
  private Records() {}

  /** Protobuf binary, maps sorted by key: equal records have equal bytes. */
  static ByteString bytes(Message record) {
    ByteString.Output out = ByteString.newOutput(record.getSerializedSize());
    CodedOutputStream coded = CodedOutputStream.newInstance(out);
    coded.useDeterministicSerialization();
    try {
      record.writeTo(coded);
      coded.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteString();
  }

  static <T> T parse(TopoStore.Entry entry, Parser<T> parser) {
    try {
      return parser.parseFrom(entry.value());
    } catch (InvalidProtocolBufferException e) {
      throw new TopoException(
          TopoException.Kind.UNAVAILABLE, "unreadable topology record " + entry.path(), e);
    }
  }

  static <T> Optional<Versioned<T>> read(TopoStore store, String path, Parser<T> parser) {
    return store.get(path).map(entry -> new Versioned<>(parse(entry, parser), entry.version()));
  }
}
