package dev.shunt.copy.creating;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.topo.Aliases;
import dev.shunt.workflow.Refusal;
import java.util.List;
import java.util.Locale;
import vschema.Vschema;

/** What can be said against a MoveTables command before its tables are looked at. */
final class CreationChecks {
  private CreationChecks() {}

  /** LEAVE, REMOVE or REPLACE; LEAVE when nothing is said. */
  static String handling(MoveTablesCreate command) {
    return command.autoIncrementHandling().isEmpty()
        ? "LEAVE"
        : command.autoIncrementHandling().toUpperCase(Locale.ROOT);
  }

  /** Cells that are named must exist. */
  static void cells(Cluster cluster, List<String> cells) {
    List<String> known = cluster.topo().cells();
    for (String cell : cells) {
      if (!known.contains(cell)) {
        throw Refusal.invalidArgument(
                "cell %s does not exist: the cells are %s", cell, String.join(",", known))
            .exception();
      }
    }
  }

  /** A keyspace for sequences must exist and be unsharded. */
  static void globalKeyspace(Cluster cluster, String keyspace) {
    if (keyspace.isEmpty()) {
      return;
    }
    if (cluster.topo().keyspace(keyspace).isEmpty()) {
      throw Refusal.failedPrecondition("global keyspace %s does not exist", keyspace).exception();
    }
    if (cluster.vschema(keyspace).getSharded()) {
      throw Refusal.failedPrecondition("global keyspace %s is not unsharded", keyspace).exception();
    }
  }

  /** A keyspace of several shards needs a VSchema that says which rows lie where. */
  static void sharding(String keyspace, Vschema.Keyspace vschema, int shards) {
    if (shards > 1 && !vschema.getSharded()) {
      throw Refusal.failedPrecondition(
              "keyspace %s has %d shards, but its vschema is not sharded: every row would be copied"
                  + " to every shard; apply a vschema that spreads the tables first",
              keyspace, shards)
          .exception();
    }
  }

  /** Sequences in place of AUTO_INCREMENT are not built. */
  static void autoIncrement(MoveTablesCreate command, Vschema.Keyspace target) {
    if (target.getSharded() && handling(command).equals("REPLACE")) {
      throw notBuilt("replacing AUTO_INCREMENT by sequences");
    }
  }

  /** The name must be free on every shard of the target. */
  static void nameIsFree(Cluster cluster, String keyspace, String workflow) throws Exception {
    cluster
        .workflow(keyspace, workflow)
        .ifPresent(view -> {
          throw Refusal.of(
                  Refusal.Code.ALREADY_EXISTS,
                  "workflow %s already exists in keyspace %s on tablet %s",
                  workflow,
                  keyspace,
                  alias(view.targets().getFirst()))
              .exception();
        });
  }

  private static String alias(ShardPrimary primary) {
    return Aliases.text(primary.tablet().getAlias());
  }

  private static RuntimeException notBuilt(String what) {
    return Refusal.of(Refusal.Code.UNIMPLEMENTED, "%s is not supported yet", what).exception();
  }
}
