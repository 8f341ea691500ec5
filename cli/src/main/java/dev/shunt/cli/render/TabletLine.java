package dev.shunt.cli.render;

import io.vitess.proto.Topodata;
import java.time.Instant;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A tablet as one line of words, which awk can take apart. */
public final class TabletLine {
  private TabletLine() {}

  /** Alias, keyspace, shard, type, address, MySQL's address, tags, start of the primary's term. */
  public static String of(Topodata.Tablet tablet) {
    return String.join(
        " ",
        alias(tablet.getAlias()),
        orNull(tablet.getKeyspace()),
        orNull(tablet.getShard()),
        tablet.getType().name().toLowerCase(Locale.ROOT),
        tablet.getHostname() + ":" + tablet.getPortMapOrDefault("vt", 0),
        tablet.getMysqlHostname() + ":" + tablet.getMysqlPort(),
        new TreeMap<>(tablet.getTagsMap())
            .entrySet().stream()
                .map(tag -> tag.getKey() + ": \"" + tag.getValue() + "\"")
                .collect(Collectors.joining(" ", "[", "]")),
        term(tablet));
  }

  /** Text of an alias, for instance {@code zone1-0000000200}. */
  public static String alias(Topodata.TabletAlias alias) {
    return "%s-%010d".formatted(alias.getCell(), Integer.toUnsignedLong(alias.getUid()));
  }

  private static String term(Topodata.Tablet tablet) {
    long seconds = tablet.getPrimaryTermStartTime().getSeconds();
    return seconds > 0 ? Instant.ofEpochSecond(seconds).toString() : "<null>";
  }

  private static String orNull(String text) {
    return text.isEmpty() ? "<null>" : text;
  }
}
