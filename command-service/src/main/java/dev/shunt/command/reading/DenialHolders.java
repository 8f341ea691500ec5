package dev.shunt.command.reading;

import binlogdata.Binlogdata.VReplicationWorkflowType;
import dev.shunt.command.refusing.Refusals;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.Aliases;
import dev.shunt.topo.LockHolder;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import dev.shunt.topo.Versioned;
import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.TrafficState;
import dev.shunt.workflow.streams.Rules;
import io.grpc.StatusRuntimeException;
import io.vitess.proto.Topodata;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowsRequest;
import vschema.Vschema;

/**
 * Says which workflows keep tables of a keyspace from being served there: who has streams that move
 * a table to or from the keyspace has denied it on one side, and opens it when it may.
 */
public final class DenialHolders {
  private final Topo topo;
  private final TabletAccess tablets;

  /** Reads from the topology and its tablets. */
  public DenialHolders(Topo topo, TabletAccess tablets) {
    this.topo = topo;
    this.tablets = tablets;
  }

  /**
   * A workflow as its streams show it.
   *
   * @param to keyspace that its streams write
   * @param from keyspace that they read
   */
  private record Moving(String to, String name, String from) {
    boolean reverse() {
      return WorkflowNames.isReverse(name);
    }

    /** The forward workflow, by which its lock is named. */
    String forward() {
      return reverse() ? from + "/" + WorkflowNames.forward(name) : to + "/" + name;
    }

    /**
     * Whether a table is denied where the rules send its writes, by a workflow that has no way back
     * from here: if nobody is at it, nobody serves it, and no command of the workflow opens it.
     */
    boolean servesNobody(String table, String keyspace, Vschema.RoutingRules rules) {
      return to.equals(keyspace)
          && !reverse()
          && TrafficState.of(new TableMigration(from, keyspace, List.of(table)), Map.of(), rules)
              .writesSwitched();
    }
  }

  /**
   * Refuses to serve tables again that a workflow has denied.
   *
   * @throws StatusRuntimeException FAILED_PRECONDITION with the workflows and what to do;
   *     UNAVAILABLE when a tablet that may know of one does not answer
   */
  public void refuse(String keyspace, String shard, Collection<String> tables) {
    Map<String, Set<String>> held = new TreeMap<>();
    List<Workflows> all = new ArrayList<>();
    for (String other : topo.keyspaces()) {
      all.addAll(FanOut.map(primaries(other, tables), primary -> read(other, primary, tables)));
    }
    Vschema.RoutingRules rules = topo.routingRules().value();
    Map<String, LockHolder> holders = holders();
    for (String table : tables) {
      List<Moving> moving =
          all.stream().flatMap(found -> found.moving(table, keyspace)).distinct().toList();
      boolean open =
          moving.stream()
              .allMatch(each ->
                  each.servesNobody(table, keyspace, rules)
                      && !holders.containsKey(each.forward()));
      if (!open) {
        moving.forEach(
            each -> held.computeIfAbsent(each.forward(), unused -> new TreeSet<>()).add(table));
      }
    }
    if (!held.isEmpty()) {
      throw Refusals.of("FAILED_PRECONDITION", text(keyspace + "/" + shard, held, holders));
    }
  }

  /** What a tablet's streams are. */
  private record Workflows(String keyspace, List<ReadVReplicationWorkflowResponse> found) {
    Stream<Moving> moving(String table, String of) {
      return found.stream()
          .filter(each -> counts(each.getWorkflowType()))
          .flatMap(each ->
              each.getStreamsList().stream()
                  .map(ReadVReplicationWorkflowResponse.Stream::getBls)
                  .filter(source -> Rules.have(source.getFilter(), table))
                  .map(source -> new Moving(keyspace, each.getWorkflow(), source.getKeyspace())))
          .filter(each -> each.to().equals(of) || each.from().equals(of));
    }
  }

  /** What rebuilds a table or a keyspace in its place denies nothing. */
  private static boolean counts(VReplicationWorkflowType type) {
    return type != VReplicationWorkflowType.OnlineDDL && type != VReplicationWorkflowType.Reshard;
  }

  /** Of shards that have one; who had one has a database, of which nobody can say what it has. */
  private List<Topodata.TabletAlias> primaries(String keyspace, Collection<String> tables) {
    List<Topodata.TabletAlias> primaries = new ArrayList<>();
    topo.shards(keyspace)
        .forEach((name, shard) -> {
          Topodata.Shard record = shard.value();
          if (record.hasPrimaryAlias()) {
            primaries.add(record.getPrimaryAlias());
          } else if (record.hasPrimaryTermStartTime()) {
            throw untold(tables, "shard %s/%s has no primary".formatted(keyspace, name));
          }
        });
    return primaries;
  }

  private Workflows read(String keyspace, Topodata.TabletAlias primary, Collection<String> tables) {
    try {
      Topodata.Tablet tablet =
          topo.tablet(primary)
              .map(Versioned::value)
              .orElseThrow(() -> untold(tables, name(keyspace, primary) + " has no record"));
      return new Workflows(
          keyspace,
          tablets.workflows(tablet, ReadVReplicationWorkflowsRequest.getDefaultInstance()));
    } catch (TabletException | TopoException e) {
      throw untold(
          tables, "%s does not answer (%s)".formatted(name(keyspace, primary), e.getMessage()));
    }
  }

  private static String name(String keyspace, Topodata.TabletAlias primary) {
    return "tablet %s, a primary of keyspace %s,".formatted(Aliases.text(primary), keyspace);
  }

  private static RuntimeException untold(Collection<String> tables, String why) {
    return Refusals.of(
        "UNAVAILABLE",
        "can't tell whether a workflow has denied %s: %s; call again when that is mended"
            .formatted(String.join(", ", tables), why));
  }

  /** Who holds the lock of a workflow, by its name. */
  private Map<String, LockHolder> holders() {
    Map<String, LockHolder> holders = new HashMap<>();
    topo.locks().forEach(lock -> lock.named().ifPresent(name -> holders.putIfAbsent(name, lock)));
    return holders;
  }

  private static String text(
      String shard, Map<String, Set<String>> held, Map<String, LockHolder> holders) {
    List<String> sentences = new ArrayList<>();
    held.forEach((forward, tables) ->
        sentences.add(
            "workflow %s moves %s%s"
                .formatted(
                    forward.replace('/', '.'),
                    String.join(", ", tables),
                    Optional.ofNullable(holders.get(forward))
                        .map(lock -> " and is being changed (" + lock.text() + ")")
                        .orElse(""))));
    return ("tables of %s that are denied so that writes go to one side only are not served again by"
            + " hand: %s; switch or reverse its traffic, or complete or cancel it, which serves them"
            + " where they belong")
        .formatted(shard, String.join("; ", sentences));
  }
}
