package dev.shunt.tablet.vreplication;

import dev.shunt.embedded.DatabaseKind;
import java.nio.file.Path;
import java.util.List;

/** On the servers that this machine can start. */
class ReplicationIT extends ReplicationConformance<DatabaseKind> {
  static List<DatabaseKind> servers() {
    return DatabaseKind.available();
  }

  @Override
  StreamingCluster start(DatabaseKind kind, Path topology) {
    return new StreamingCluster(topology, kind, kind);
  }
}
