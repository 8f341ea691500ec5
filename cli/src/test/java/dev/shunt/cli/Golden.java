package dev.shunt.cli;

import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Texts that a stock vtctldclient printed. */
final class Golden {
  private Golden() {}

  /** The text of a file in {@code golden/}. */
  static String text(String name) {
    try (InputStream in = Golden.class.getResourceAsStream("/golden/" + name + ".txt")) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The message whose JSON that text is; fields that our version lacks are left out. */
  static <B extends Message.Builder> B message(String name, B into) {
    return json(text(name), into);
  }

  static <B extends Message.Builder> B json(String json, B into) {
    try {
      JsonFormat.parser().ignoringUnknownFields().merge(json, into);
      return into;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
