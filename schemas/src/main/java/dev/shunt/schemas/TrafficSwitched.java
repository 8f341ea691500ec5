package dev.shunt.schemas;

import java.util.List;

/**
 * Traffic of a workflow goes as this event says from now on.
 *
 * @param header Workflow, cause, time and teller.
 * @param direction Which way it was switched.
 * @param tabletTypes Types that were switched.
 * @param replicaCellsSwitched Cells whose REPLICA reads go to the target.
 * @param rdonlyCellsSwitched Cells whose RDONLY reads go to the target.
 * @param writesSwitched Whether writes go to the target.
 * @param writePauseMicros How long writes were refused, microseconds; 0 when only reads were
 *     switched.
 */
public record TrafficSwitched(
    EventHeader header,
    Direction direction,
    List<String> tabletTypes,
    List<String> replicaCellsSwitched,
    List<String> rdonlyCellsSwitched,
    boolean writesSwitched,
    long writePauseMicros)
    implements Event {
  public TrafficSwitched {
    tabletTypes = List.copyOf(tabletTypes);
    replicaCellsSwitched = List.copyOf(replicaCellsSwitched);
    rdonlyCellsSwitched = List.copyOf(rdonlyCellsSwitched);
  }
}
