package dev.shunt.saga.world;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Which tablets a command changed, as the attribute {@code details} of its success: a JSON list of
 * {@code {"tablet": {"cell": …, "uid": …}, "changed": …}} sorted by tablet, as vtctldata's
 * TabletInfo.
 */
public final class TabletChanges {
  /** Name of the attribute. */
  public static final String DETAILS = "details";

  private static final ObjectMapper JSON = new ObjectMapper();

  private TabletChanges() {}

  /** The attribute, the answer of each tablet under {@code verb}: changed or deleted. */
  public static Map<String, String> attributes(
      String verb, List<ShardPrimary> shards, Predicate<ShardPrimary> changed) {
    List<Map<String, Object>> details = new ArrayList<>();
    shards.stream()
        .sorted(
            Comparator.comparing((ShardPrimary shard) -> shard.tablet().getAlias().getCell())
                .thenComparing(shard -> shard.tablet().getAlias().getUid()))
        .forEach(shard -> {
          Map<String, Object> alias = new LinkedHashMap<>();
          alias.put("cell", shard.tablet().getAlias().getCell());
          alias.put("uid", shard.tablet().getAlias().getUid());
          Map<String, Object> detail = new LinkedHashMap<>();
          detail.put("tablet", alias);
          detail.put(verb, changed.test(shard));
          details.add(detail);
        });
    try {
      return Map.of(DETAILS, JSON.writeValueAsString(details));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
