package dev.shunt.tablet.vreplication.stream;

import binlogdata.Binlogdata;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shunt.tablet.RpcException;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What the copy of a table stands on, kept with how far it has come: the source, the rule, and the
 * keys of both sides. "Copied up to key 2000" says which rows are there only as long as these are
 * the same.
 *
 * @param facts texts by what they say
 */
public record CopyBasis(Map<String, String> facts) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SOURCE = "source";
  private static final String RULE = "rule";
  private static final String ZONES = "pair of time zones";
  private static final String SOURCE_KEY = "key of its source table";
  private static final String TARGET_KEY = "key of the target table";
  private static final String EARLY = "rows that are not copied yet";

  public CopyBasis {
    facts = Map.copyOf(facts);
  }

  /**
   * The same of a table that may have rows which are not copied yet: changes of them were applied,
   * as it could not be known at once that they are not.
   */
  public CopyBasis withEarlyRows() {
    Map<String, String> more = new LinkedHashMap<>(facts);
    more.put(EARLY, "yes");
    return new CopyBasis(more);
  }

  /** Whether it is {@link #withEarlyRows}. */
  public boolean hasEarlyRows() {
    return facts.containsKey(EARLY);
  }

  /** What is known of it before anything is read. */
  public static CopyBasis of(Binlogdata.BinlogSource source, StreamFilter filter, String table) {
    return new CopyBasis(
        Map.of(
            SOURCE,
            String.join(
                "/",
                source.getExternalCluster(),
                source.getExternalMysql(),
                source.getKeyspace(),
                source.getShard()),
            RULE,
            filter.rule(table),
            ZONES,
            source.getSourceTimeZone() + " to " + source.getTargetTimeZone()));
  }

  /** Of a copy that was begun by somebody who kept nothing but the key of the last row. */
  public static CopyBasis ofKey(List<Query.Field> sourceKey) {
    return new CopyBasis(Map.of(SOURCE_KEY, text(sourceKey)));
  }

  /** The same with the keys. */
  public CopyBasis with(List<Query.Field> sourceKey, List<String> targetKey) {
    Map<String, String> more = new LinkedHashMap<>(facts);
    more.put(SOURCE_KEY, text(sourceKey));
    more.put(TARGET_KEY, String.join(", ", targetKey).toLowerCase(Locale.ROOT));
    return new CopyBasis(more);
  }

  /**
   * Makes sure that what both know of is the same.
   *
   * @throws RpcException FAILED_PRECONDITION with what changed
   */
  public void demandStill(String table, CopyBasis now) {
    for (String fact : List.of(SOURCE, RULE, ZONES, SOURCE_KEY, TARGET_KEY)) {
      String before = facts.get(fact);
      String text = now.facts.get(fact);
      if (before != null && text != null && !before.equals(text)) {
        throw changed(table, fact, before, text);
      }
    }
  }

  private static RpcException changed(String table, String fact, String before, String now) {
    return new RpcException(
        Status.Code.FAILED_PRECONDITION,
        ("the copy of table %s can't go on: the %s was [%s] when it began and is [%s] now; put it"
                + " back and start the stream, or empty the table and create the stream again")
            .formatted(table, fact, before, now));
  }

  /**
   * Makes sure that a column of the key a copy goes by is still what it was.
   *
   * @throws RpcException FAILED_PRECONDITION when its values are ordered in another way now
   */
  static void demandStill(String table, Query.Field before, Query.Field now) {
    // A table without a unique key goes by the bytes of its columns, whatever they are.
    boolean bytes = before.getType() == Query.Type.VARBINARY;
    if (!bytes && !text(before).equals(text(now))) {
      throw changed(table, SOURCE_KEY, text(before), text(now));
    }
  }

  private static String text(List<Query.Field> key) {
    return key.stream().map(CopyBasis::text).collect(Collectors.joining(", "));
  }

  /** A column of a key with all that its order depends on. */
  private static String text(Query.Field field) {
    String name = field.getName().toLowerCase(Locale.ROOT);
    return name
        + " "
        + switch (field.getType()) {
          case INT8, INT16, INT24, INT32, INT64, UINT8, UINT16, UINT24, UINT32, UINT64 -> "INTEGER";
          case CHAR, VARCHAR, TEXT -> field.getType() + " collation " + field.getCharset();
          case ENUM, SET -> field.getColumnType();
          default -> field.getType().name();
        };
  }

  /** As it is stored. */
  String json() {
    try {
      return JSON.writeValueAsString(facts);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Reads what {@link #json} wrote. */
  static CopyBasis parse(String json) {
    try {
      return new CopyBasis(JSON.readValue(json, new TypeReference<Map<String, String>>() {}));
    } catch (JsonProcessingException e) {
      throw new RpcException(
          Status.Code.FAILED_PRECONDITION, "a row of shunt_copy_basis is malformed: " + json, e);
    }
  }
}
