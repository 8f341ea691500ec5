package dev.shunt.bench.measure;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a report as JSON; names of components become snake_case. */
public final class JsonFile {
  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT);

  private JsonFile() {}

  /** Writes the file, over one that is there. */
  public static void write(Record report, Path file) throws IOException {
    Files.writeString(file, text(report));
  }

  static String text(Record report) throws IOException {
    return MAPPER.writeValueAsString(report) + "\n";
  }
}
