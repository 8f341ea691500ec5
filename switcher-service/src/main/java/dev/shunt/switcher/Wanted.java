package dev.shunt.switcher;

import dev.shunt.schemas.Direction;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a command asks for, read once.
 *
 * @param reads types whose reads are switched, in the order asked for
 * @param writes whether writes are switched
 * @param timeout how long each wait may take
 */
record Wanted(SwitchTraffic command, List<ReadType> reads, boolean writes, Duration timeout) {
  Wanted {
    reads = List.copyOf(reads);
  }

  static Wanted of(SwitchTraffic command) {
    List<ReadType> reads = new ArrayList<>();
    boolean writes = false;
    for (String type : command.tabletTypes()) {
      switch (type.trim().toUpperCase(Locale.ROOT)) {
        case "PRIMARY", "MASTER" -> writes = true;
        case "REPLICA" -> add(reads, ReadType.REPLICA);
        case "RDONLY" -> add(reads, ReadType.RDONLY);
        default ->
            throw Refusal.invalidArgument(
                    "invalid tablet type %s: traffic is switched for PRIMARY, REPLICA and RDONLY",
                    type)
                .exception();
      }
    }
    if (!writes && reads.isEmpty()) {
      throw Refusal.invalidArgument("no tablet types to switch traffic for").exception();
    }
    if (command.timeoutMillis() < 1000) {
      throw Refusal.invalidArgument(
              "timeout must be at least 1 s, not %d ms", command.timeoutMillis())
          .exception();
    }
    if (command.initializeTargetSequences()) {
      throw Refusal.of(
              Refusal.Code.UNIMPLEMENTED, "initializing target sequences is not supported yet")
          .exception();
    }
    return new Wanted(command, reads, writes, Duration.ofMillis(command.timeoutMillis()));
  }

  private static void add(List<ReadType> reads, ReadType type) {
    if (!reads.contains(type)) {
      reads.add(type);
    }
  }

  boolean forward() {
    return command.direction() == Direction.FORWARD;
  }

  /** SwitchTraffic or ReverseTraffic, as answers name it. */
  String operation() {
    return forward() ? "SwitchTraffic" : "ReverseTraffic";
  }

  /**
   * Cells whose serving VSchema tells of switched reads; all when empty, as where writes follow.
   */
  List<String> cellsOfReads() {
    return writes ? List.of() : command.cells();
  }

  /** Whether reads are where they are to go, given the cells where they are not. */
  boolean isThere(List<String> elsewhere) {
    List<String> cells = cellsOfReads();
    return elsewhere.stream().noneMatch(cell -> cells.isEmpty() || cells.contains(cell));
  }

  Wanted withReads(List<ReadType> more) {
    return new Wanted(command, more, writes, timeout);
  }
}
