package dev.shunt.switcher;

import dev.shunt.schemas.Direction;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.workflow.ServingTypes;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import dev.shunt.workflow.routing.TrafficState;
import io.vitess.proto.Topodata.TabletType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a command asks for, read once.
 *
 * @param reads types whose reads are switched, in the order asked for
 * @param writes whether writes are switched
 * @param timeout how long each wait may take
 */
record SwitchRequest(
    SwitchTraffic command, List<ReadType> reads, boolean writes, Duration timeout) {
  SwitchRequest {
    reads = List.copyOf(reads);
  }

  static SwitchRequest of(SwitchTraffic command) {
    List<ReadType> reads = new ArrayList<>();
    boolean writes = false;
    for (TabletType type : ServingTypes.all(command.tabletTypes())) {
      switch (type) {
        case PRIMARY -> writes = true;
        case REPLICA -> add(reads, ReadType.REPLICA);
        default -> add(reads, ReadType.RDONLY); // there are no others
      }
    }
    return new SwitchRequest(command, reads, writes, Duration.ofMillis(command.timeoutMillis()));
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

  /** Cells whose serving VSchema shows switched reads; all when empty, as where writes follow. */
  List<String> cellsOfReads() {
    return writes ? List.of() : command.cells();
  }

  /** Cells whose reads of a type go the other way. */
  List<String> elsewhere(TrafficState state, ReadType type) {
    return switch (type) {
      case REPLICA -> forward() ? state.replicaNotSwitched() : state.replicaSwitched();
      case RDONLY -> forward() ? state.rdonlyNotSwitched() : state.rdonlySwitched();
    };
  }

  /** Whether reads are where they are to go, given the cells where they are not. */
  boolean readsAreSwitched(List<String> elsewhere) {
    List<String> cells = cellsOfReads();
    return elsewhere.stream().noneMatch(cell -> cells.isEmpty() || cells.contains(cell));
  }

  SwitchRequest withReads(List<ReadType> more) {
    return new SwitchRequest(command, more, writes, timeout);
  }
}
