package dev.shunt.tablet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import vschema.Vschema;

/** Reads the files that parameters of vindexes name; as in Vitess they are where the tablet is. */
final class VindexFiles {
  private static final List<String> PARAMETERS = List.of("json_path", "region_map");

  private VindexFiles() {}

  /** The vschemas with contents in place of paths; what can't be read stays a path. */
  static Vschema.SrvVSchema read(Vschema.SrvVSchema vschemas) {
    Vschema.SrvVSchema.Builder all = vschemas.toBuilder();
    vschemas
        .getKeyspacesMap()
        .forEach((keyspace, vschema) -> {
          Vschema.Keyspace.Builder changed = vschema.toBuilder();
          vschema
              .getVindexesMap()
              .forEach((name, vindex) -> changed.putVindexes(name, read(vindex)));
          all.putKeyspaces(keyspace, changed.build());
        });
    return all.build();
  }

  private static Vschema.Vindex read(Vschema.Vindex vindex) {
    Vschema.Vindex.Builder changed = vindex.toBuilder();
    for (Map.Entry<String, String> parameter : vindex.getParamsMap().entrySet()) {
      if (PARAMETERS.contains(parameter.getKey())) {
        changed.putParams(parameter.getKey(), content(parameter.getValue()));
      }
    }
    return changed.build();
  }

  private static String content(String path) {
    try {
      return path.stripLeading().startsWith("{") ? path : Files.readString(Path.of(path));
    } catch (IOException | InvalidPathException _) {
      return path;
    }
  }
}
