package dev.shunt.copy.creating;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.tabletclient.ServerFinding;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.Aliases;
import dev.shunt.workflow.Refusal;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tabletmanagerdata.Tabletmanagerdata.GetSchemaRequest;

/**
 * Has the tablets of all shards look at their servers, databases and tables (docs/preflight.md).
 * What they refuse fails the command before anything is changed; what they warn of is reported.
 */
final class ServerChecks {
  private final Cluster cluster;
  private final Set<String> tableWarnings = new LinkedHashSet<>();
  private final Set<String> serverWarnings = new LinkedHashSet<>();
  private final Set<String> mute = new TreeSet<>();

  ServerChecks(Cluster cluster) {
    this.cluster = cluster;
  }

  @FunctionalInterface
  private interface Check {
    List<ServerFinding> of(TabletClient client, GetSchemaRequest request);
  }

  /**
   * Looks at sources.
   *
   * @param tables what moves; all that there is when it is empty
   * @param excluded what does not
   */
  void sources(List<ShardPrimary> shards, Collection<String> tables, Collection<String> excluded)
      throws Exception {
    check("source", shards, request(tables, excluded), TabletClient::checkSource);
  }

  /**
   * Refuses sources all of whose tables are to move, and that have some which can't: they are not
   * among those that a schema shows.
   */
  void wholeSources(List<ShardPrimary> shards) throws Exception {
    Set<String> refused = new LinkedHashSet<>();
    List<Optional<List<ServerFinding>>> answers =
        Parallel.map(
            shards,
            shard ->
                ask(
                    cluster.client(shard),
                    request(List.of(), List.of()),
                    TabletClient::checkSource));
    for (int i = 0; i < shards.size(); i++) {
      for (ServerFinding finding : answers.get(i).orElse(List.of())) {
        if (finding.refuses() && finding.id().equals(ServerFinding.SYSTEM_VERSIONED)) {
          refused.add("source shard " + shards.get(i).shard() + ": " + finding.text());
        }
      }
    }
    refuse(refused);
  }

  /** Looks at targets and those of the tables that are there. */
  void targets(List<ShardPrimary> shards, Collection<String> tables) throws Exception {
    check("target", shards, request(tables, List.of()), TabletClient::checkTarget);
  }

  private static GetSchemaRequest request(Collection<String> tables, Collection<String> excluded) {
    return GetSchemaRequest.newBuilder().addAllTables(tables).addAllExcludeTables(excluded).build();
  }

  private void check(String role, List<ShardPrimary> shards, GetSchemaRequest request, Check check)
      throws Exception {
    List<Optional<List<ServerFinding>>> answers =
        Parallel.map(shards, shard -> ask(cluster.client(shard), request, check));
    Set<String> refused = new LinkedHashSet<>();
    for (int i = 0; i < shards.size(); i++) {
      ShardPrimary shard = shards.get(i);
      if (answers.get(i).isEmpty()) {
        mute.add(Aliases.text(shard.tablet().getAlias()));
        continue;
      }
      for (ServerFinding finding : answers.get(i).get()) {
        if (finding.refuses()) {
          refused.add(role + " shard " + shard.shard() + ": " + finding.text());
        } else if (isOfTables(finding)) {
          tableWarnings.add(finding.found() + " (" + finding.why() + ")");
        } else {
          serverWarnings.add(finding.id() + " of the " + role);
        }
      }
    }
    refuse(refused);
  }

  private static void refuse(Set<String> refused) {
    if (!refused.isEmpty()) {
      throw Refusal.failedPrecondition("%s", String.join("; ", refused)).exception();
    }
  }

  private static boolean isOfTables(ServerFinding finding) {
    return switch (finding.id()) {
      case "stays-behind", "source-triggers", "target-triggers", "computed-by-session" -> true;
      default -> false;
    };
  }

  /** A stock vttablet does not know the call. */
  private static Optional<List<ServerFinding>> ask(
      TabletClient client, GetSchemaRequest request, Check check) {
    try {
      return Optional.of(check.of(client, request));
    } catch (TabletException e) {
      if (e.code() != Status.Code.UNIMPLEMENTED) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /** What somebody should know, one sentence each without a full stop. */
  List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    if (!tableWarnings.isEmpty()) {
      warnings.add("not moved or not alike: " + String.join("; ", tableWarnings));
    }
    if (!serverWarnings.isEmpty()) {
      warnings.add(
          "run shunt check for what servers should be made: " + String.join(", ", serverWarnings));
    }
    if (!mute.isEmpty()) {
      warnings.add(
          mute.stream().collect(Collectors.joining(", ", "the database of ", ""))
              + " was not checked, as its tablet is a stock vttablet: run shunt check on it");
    }
    return warnings;
  }
}
