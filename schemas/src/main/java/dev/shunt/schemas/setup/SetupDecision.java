package dev.shunt.schemas.setup;

import dev.shunt.schemas.Topics;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Whether a service may work on the topics of a cluster. */
sealed interface SetupDecision {
  /** Where a person reads on. */
  String CHAPTER = "'The number of partitions' in deploy/README.md";

  /**
   * It may; topics that are missing are created.
   *
   * @param partitions how many partitions each co-partitioned topic has
   */
  record Proceed(int partitions) implements SetupDecision {}

  /**
   * The cluster has no record yet, and is to get one.
   *
   * @param partitions the number that belongs into it
   */
  record Write(int partitions) implements SetupDecision {}

  /**
   * It may not.
   *
   * @param reason a sentence with what is where, and what can be done
   */
  record Refuse(String reason) implements SetupDecision {}

  /**
   * Decides.
   *
   * @param first what stands first on the cluster's topic
   * @param wanted how many partitions the service's settings ask for; 0 when they leave it to the
   *     cluster
   * @param counts how many partitions each topic has that is there
   */
  static SetupDecision of(FirstRecord first, int wanted, Map<String, Integer> counts) {
    int own = counts.getOrDefault(Topics.CLUSTER, 1);
    if (own != 1) {
      return new Refuse(
          ("the topic %s has %d partitions and must have one, in which one record is the first:"
                  + " delete it, the next start writes it anew from what the other topics have")
              .formatted(Topics.CLUSTER, own));
    }
    SortedMap<String, Integer> coPartitioned = new TreeMap<>(counts);
    coPartitioned.keySet().retainAll(Topics.CO_PARTITIONED);
    return switch (first) {
      case FirstRecord.Missing _ -> unrecorded(wanted, coPartitioned);
      case FirstRecord.Written written -> recorded(written, wanted, coPartitioned);
      case FirstRecord.Foreign(String why) ->
          new Refuse(
              ("the first record of %s is not what Shunt writes there: %s. Where no newer version"
                      + " of Shunt wrote it, delete the topic: the next start writes it anew from"
                      + " what the other topics have")
                  .formatted(Topics.CLUSTER, why));
    };
  }

  private static SetupDecision unrecorded(int wanted, SortedMap<String, Integer> topics) {
    Set<Integer> numbers = Set.copyOf(topics.values());
    if (numbers.size() > 1) {
      return new Refuse(
          ("these topics must have equally many partitions, but have %s: nothing was started."
                  + " See %s")
              .formatted(topics, CHAPTER));
    }
    int partitions = numbers.stream().findFirst().orElse(wanted == 0 ? Topics.PARTITIONS : wanted);
    if (wanted != 0 && wanted != partitions) {
      return new Refuse(
          ("kafka.partitions is %d, but the topics of this cluster have %d each (%s): set it to %d"
                  + " or leave it out. How a cluster gets another number says %s")
              .formatted(
                  wanted, partitions, String.join(", ", topics.keySet()), partitions, CHAPTER));
    }
    return new Write(partitions);
  }

  private static SetupDecision recorded(
      FirstRecord.Written written, int wanted, SortedMap<String, Integer> topics) {
    int partitions = written.record().partitions();
    String record =
        "its record on %s, written by %s at %s"
            .formatted(Topics.CLUSTER, written.record().writtenBy(), written.at());
    SortedMap<String, Integer> others = new TreeMap<>(topics);
    others.values().removeIf(count -> count == partitions);
    if (!others.isEmpty()) {
      return new Refuse(
          ("each topic of this cluster that is keyed by workflow must have %d partitions, says %s,"
                  + " but these have others: %s. Records would be looked for in the wrong ones, so"
                  + " nothing was started. See %s")
              .formatted(partitions, record, others, CHAPTER));
    }
    if (wanted != 0 && wanted != partitions) {
      return new Refuse(
          ("kafka.partitions is %d, but this cluster was set up with %d, says %s: set it to %d or"
                  + " leave it out. How a cluster gets another number says %s")
              .formatted(wanted, partitions, record, partitions, CHAPTER));
    }
    return new Proceed(partitions);
  }
}
