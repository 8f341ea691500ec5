package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandCancel;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.CommandSignal;
import dev.shunt.schemas.MoveTablesComplete;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.schemas.ReshardCreate;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.schemas.WorkflowUpdate;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.ServingTypes;
import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.sharding.KeyRange;
import dev.shunt.workflow.streams.StreamPlanner;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Refuses commands whose fields make no sense or ask for what is not there, whatever the state:
 * what can be said of a command alone is said here, before it is admitted, and nowhere else.
 */
final class CommandFields {
  private static final int LONGEST_ID = 200;

  /** The longest name of a keyspace or workflow that fits into every key and lock. */
  private static final int LONGEST_NAME = 128;

  /** The longest name that MySQL gives to a table (MySQL manual, Identifier Length Limits). */
  private static final int LONGEST_TABLE = 64;

  /** How much is shown of a name that is too long. */
  private static final int SHOWN = 40;

  private static final int LONGEST_ISSUER = 1000;

  /** Events have it too, and more besides, and are to stay below what is read of a log. */
  private static final int LONGEST_REASON = 16 * 1024;

  private static final long SHORTEST_TIMEOUT_MILLIS = 1000;
  private static final Set<String> AUTO_INCREMENT = Set.of("", "LEAVE", "REMOVE", "REPLACE");

  private CommandFields() {}

  /** Why a command can't be told from others by its id; empty when it can. */
  static Optional<Refusal> checkId(CommandHeader header) {
    String id = header.commandId();
    if (id.isBlank()) {
      return Optional.of(Refusal.invalidArgument("a command needs an id"));
    }
    return id.length() <= LONGEST_ID
        ? Optional.empty()
        : Optional.of(
            Refusal.invalidArgument("a command's id has at most %d characters", LONGEST_ID));
  }

  /** Why the command makes no sense; empty when it does. */
  static Optional<Refusal> check(Command command) {
    try {
      checkHeader(command.header());
      if (!(command
          instanceof CommandCancel)) { // what came in an odd name must be taken back by it
        checkKeyspace("keyspace", command.header().keyspace());
        checkName("workflow", command.header().workflow());
      }
      checkDryRun(command);
      switch (command) {
        case MoveTablesCreate create -> checkCreate(create);
        case ReshardCreate reshard -> checkReshard(reshard);
        case SwitchTraffic traffic -> checkSwitch(traffic);
        case WorkflowUpdate update -> checkUpdate(update);
        case VDiffCreate diff -> checkDiff(diff);
        case CommandCancel cancel -> checkTarget(cancel.target(), "no command to take back");
        case CommandSignal signal -> checkSignal(signal);
        case MoveTablesComplete _, WorkflowDelete _ -> {}
      }
      return Optional.empty();
    } catch (RefusedException e) {
      return Optional.of(e.refusal());
    }
  }

  private static void checkHeader(CommandHeader header) {
    checkId(header)
        .ifPresent(refusal -> {
          throw refusal.exception();
        });
    require(header.issuer().length() <= LONGEST_ISSUER, "an issuer has at most 1000 characters");
    require(
        header.reason().length() <= LONGEST_REASON,
        "a reason has at most " + LONGEST_REASON + " characters");
    require(!header.keyspace().isBlank(), "keyspace is empty");
    require(!header.keyspace().contains("."), "a keyspace's name has no dot");
    require(!header.workflow().isBlank(), "workflow is empty");
    require(header.beginBefore() >= 0, "the time to begin before is negative");
  }

  /**
   * Names are parts of paths in the topology and of the names of its locks.
   *
   * @throws RefusedException when one has characters that these can't have
   */
  private static void checkName(String what, String name) {
    checkName(what, name, WorkflowNames.isPlain(name), "'_', '-' and '.'");
  }

  /** As {@link #checkName(String, String)}; a dot ends the name of a keyspace. */
  private static void checkKeyspace(String what, String name) {
    checkName(what, name, WorkflowNames.isKeyspace(name), "'_' and '-'");
  }

  private static void checkName(String what, String name, boolean usable, String signs) {
    if (name.length() > LONGEST_NAME || !usable) {
      throw Refusal.invalidArgument(
              "the %s's name '%s' is not usable: it has to be of letters, digits, %s, to begin with"
                  + " a letter, a digit or '_', and to have at most %d characters",
              what, name.length() > LONGEST_NAME ? shortened(name) : name, signs, LONGEST_NAME)
          .exception();
    }
  }

  /** Where there is no plan to print, a dry run must not be taken for a command to act. */
  private static void checkDryRun(Command command) {
    boolean planned = CommandKind.of(command).filter(CommandKind::planned).isPresent();
    if (command.header().dryRun() && !planned) {
      throw Refusal.of(
              Refusal.Code.UNIMPLEMENTED,
              "a dry run of %s is not supported: send it without dryRun to have it done",
              command.getClass().getSimpleName())
          .exception();
    }
  }

  private static void checkCreate(MoveTablesCreate create) {
    String target = create.header().keyspace();
    require(!create.sourceKeyspace().isBlank(), "source keyspace is empty");
    checkKeyspace("source keyspace", create.sourceKeyspace());
    if (!create.globalKeyspace().isEmpty()) {
      checkKeyspace("global keyspace", create.globalKeyspace());
    }
    checkCells(create.cells());
    checkTables(create.includeTables());
    checkTables(create.excludeTables());
    if (create.sourceKeyspace().equals(target)) {
      throw Refusal.invalidArgument("source keyspace and target keyspace are both %s", target)
          .exception();
    }
    checkForward(create.header());
    if (!create.allTables() && create.includeTables().isEmpty()) {
      throw Refusal.failedPrecondition("no tables to move").exception();
    }
    requireNot(!create.sourceShards().isEmpty(), "moving single shards (source shards)");
    requireNot(create.atomicCopy(), "copying all tables from one snapshot (atomic copy)");
    requireNot(
        !create.sourceTimeZone().isEmpty(),
        "converting DATETIME from a time zone of the source (source time zone)");
    StreamPlanner.onDdl(create.onDdl());
    var unused = ServingTypes.all(create.tabletTypes());
    if (!AUTO_INCREMENT.contains(create.autoIncrementHandling().toUpperCase(Locale.ROOT))) {
      throw Refusal.invalidArgument(
              "unknown auto-increment handling %s: use LEAVE, REMOVE or REPLACE",
              create.autoIncrementHandling())
          .exception();
    }
  }

  private static void checkForward(CommandHeader header) {
    if (WorkflowNames.isReverse(header.workflow())) {
      throw Refusal.invalidArgument(
              "workflow name %s cannot end in _reverse: that is the name of its way back",
              header.workflow())
          .exception();
    }
  }

  /** As Vitess: no shard is on both sides, and both sides have the same keyspace ids. */
  private static void checkReshard(ReshardCreate reshard) {
    checkForward(reshard.header());
    require(!reshard.sourceShards().isEmpty(), "no source shards");
    require(!reshard.targetShards().isEmpty(), "no target shards");
    for (String source : reshard.sourceShards()) {
      for (String target : reshard.targetShards()) {
        if (KeyRange.ofShard(source).equals(KeyRange.ofShard(target))) {
          throw Refusal.invalidArgument(
                  "source shard %s and target shard %s have the same key range", source, target)
              .exception();
        }
      }
    }
    KeyRange from = range("source", reshard.sourceShards());
    KeyRange to = range("target", reshard.targetShards());
    if (!from.equals(to)) {
      throw Refusal.invalidArgument(
              "source shards %s have the key range %s, target shards %s have %s",
              reshard.sourceShards(), from, reshard.targetShards(), to)
          .exception();
    }
    checkCells(reshard.cells());
    StreamPlanner.onDdl(reshard.onDdl());
    var unused = ServingTypes.all(reshard.tabletTypes());
  }

  private static KeyRange range(String side, List<String> shards) {
    return KeyRange.union(shards.stream().map(KeyRange::ofShard).toList())
        .orElseThrow(() ->
            Refusal.invalidArgument(
                    "%s shards %s do not lie one behind the other: there is a gap, or two overlap",
                    side, shards)
                .exception());
  }

  private static void checkSwitch(SwitchTraffic traffic) {
    require(!traffic.tabletTypes().isEmpty(), "no tablet types to switch");
    var unused = ServingTypes.all(traffic.tabletTypes());
    checkCells(traffic.cells());
    if (traffic.timeoutMillis() < SHORTEST_TIMEOUT_MILLIS) {
      throw Refusal.invalidArgument(
              "timeout must be at least 1s, not %dms", traffic.timeoutMillis())
          .exception();
    }
    require(traffic.maxReplicationLagMillis() >= 0, "maximum replication lag is negative");
    requireNot(traffic.initializeTargetSequences(), "initializing target sequences");
  }

  private static void checkUpdate(WorkflowUpdate update) {
    boolean something =
        update.state() != null
            || update.cells() != null
            || update.tabletTypes() != null
            || update.tabletTypesInOrder() != null
            || update.onDdl() != null
            || !update.configOverrides().isEmpty();
    require(something, "nothing to update");
    if (update.cells() != null) {
      checkCells(update.cells());
    }
    if (update.tabletTypes() != null) {
      var unused = ServingTypes.all(update.tabletTypes());
    }
    if (update.onDdl() != null) {
      StreamPlanner.onDdl(update.onDdl());
    }
  }

  private static void checkDiff(VDiffCreate diff) {
    try {
      UUID.fromString(diff.uuid());
    } catch (IllegalArgumentException _) {
      throw Refusal.invalidArgument("invalid UUID provided: %s", diff.uuid()).exception();
    }
    var unused = ServingTypes.all(diff.tabletTypes());
    checkCells(diff.sourceCells());
    checkCells(diff.targetCells());
    checkTables(diff.tables());
    require(diff.limit() >= 0, "limit is negative");
    require(diff.waitTimeoutMillis() >= 0, "wait timeout is negative");
    require(diff.maxExtraRowsToCompare() >= 0, "maximum of extra rows is negative");
  }

  private static void checkTarget(String id, String none) {
    require(!id.isBlank(), none);
    require(id.length() <= LONGEST_ID, "a command's id has at most " + LONGEST_ID + " characters");
  }

  private static void checkSignal(CommandSignal signal) {
    checkTarget(signal.target(), "no command to signal");
    switch (signal.signal()) {
      case UNKNOWN -> throw Refusal.invalidArgument("unknown signal").exception();
      case STOP, PAUSE, RESUME ->
          require(signal.settings().isEmpty(), "only RETUNE has settings, not " + signal.signal());
      case RETUNE -> DiffTuning.check(signal.settings());
    }
  }

  /** An empty one stands for any cell. */
  private static void checkCells(Collection<String> cells) {
    cells.stream().filter(cell -> !cell.isEmpty()).forEach(cell -> checkName("cell", cell));
  }

  /** The characters are the server's business; it has no name that is empty or longer. */
  private static void checkTables(Collection<String> tables) {
    for (String table : tables) {
      boolean possible =
          !table.isBlank() && table.length() <= LONGEST_TABLE && table.indexOf('\0') < 0;
      if (!possible) {
        throw Refusal.invalidArgument(
                "no table can have the name '%s': it has to have 1 to %d characters, none of them"
                    + " a zero byte",
                shortened(table).replace('\0', '?'), LONGEST_TABLE)
            .exception();
      }
    }
  }

  private static String shortened(String name) {
    return name.length() > SHOWN ? name.substring(0, SHOWN) + "…" : name;
  }

  private static void requireNot(boolean asked, String what) {
    if (asked) {
      throw Refusal.of(Refusal.Code.UNIMPLEMENTED, "%s is not supported yet", what).exception();
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw Refusal.invalidArgument("%s", otherwise).exception();
    }
  }
}
