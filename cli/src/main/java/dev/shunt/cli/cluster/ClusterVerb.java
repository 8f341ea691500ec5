package dev.shunt.cli.cluster;

import dev.shunt.cli.vtctld.Verb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the verbs on a cluster share. */
abstract class ClusterVerb extends Verb {
  /** The text itself, or that of the file; exactly one of the two must be given. */
  final String textOrFile(String flag, String text, String file) throws IOException {
    if (text.isEmpty() == file.isEmpty()) {
      throw refuse("must pass exactly one of --%s or --%s-file".formatted(flag, flag));
    }
    return file.isEmpty() ? text : Files.readString(Path.of(file));
  }

  /** Takes {@code keyspace/shard} apart. */
  final String[] keyspaceShard(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
      throw refuse("invalid shard path: \"" + text + "\"");
    }
    return parts;
  }
}
