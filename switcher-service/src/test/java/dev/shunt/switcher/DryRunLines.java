package dev.shunt.switcher;

import java.util.List;
import java.util.stream.Stream;

/** What Vitess printed for the dry runs of a switch, positions aside. */
final class DryRunLines {
  private static final List<String> READS =
      List.of(
          "Lock keyspace commerce",
          "Lock keyspace customer",
          "Switch reads for tables [corder,customer] to keyspace customer for tablet types"
              + " [REPLICA,RDONLY]",
          "Routing rules for tables [corder,customer] will be updated");
  private static final List<String> UNLOCK =
      List.of("Unlock keyspace customer", "Unlock keyspace commerce");

  private DryRunLines() {}

  static List<String> of(String golden, String position) {
    return switch (golden) {
      case "404-mt-switch-reads-dryrun" ->
          join(READS, List.of("Serving VSchema will be rebuilt for the customer keyspace"), UNLOCK);
      case "405-mt-switch-primary-dryrun" -> writes(position);
      default -> join(READS, UNLOCK, writes(position));
    };
  }

  private static List<String> writes(String position) {
    return List.of(
        "Lock keyspace commerce",
        "Lock keyspace customer",
        "Stop writes on keyspace commerce for tables [corder,customer]:"
            + " [keyspace:commerce;shard:0;position:"
            + position
            + "]",
        "Wait for vreplication on stopped streams to catchup for up to 30s",
        "Create reverse vreplication workflow c2c_reverse",
        "Create journal entries on source databases",
        "Enable writes on keyspace customer for tables [corder,customer]",
        "Switch routing from keyspace commerce to keyspace customer",
        "Routing rules for tables [corder,customer] will be updated",
        "Switch writes completed, freeze and delete vreplication streams on: [tablet:200]",
        "Start reverse vreplication streams on: [tablet:100]",
        "Mark vreplication streams frozen on:"
            + " [keyspace:customer;shard:0;tablet:200;workflow:c2c;dbname:customer]",
        "Unlock keyspace customer",
        "Unlock keyspace commerce");
  }

  private static List<String> join(List<String> first, List<String> second, List<String> third) {
    return Stream.of(first, second, third).flatMap(List::stream).toList();
  }
}
