package dev.shunt.command.reading;

import dev.shunt.service.Words;
import dev.shunt.tabletclient.ResultRow;
import dev.shunt.topo.Aliases;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Versioned;
import io.vitess.proto.Topodata;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.stream.Collectors;
import vtctldata.Vtctldata;
import vttime.Vttime;

/**
 * Adds the tablets' logs of streams to workflows; trouble is named in the answer, never fails it.
 */
final class StreamLogs {
  private static final int MAX_ROWS = 10_000;
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

  private final Topo topo;
  private final TabletAccess tablets;

  StreamLogs(Topo topo, TabletAccess tablets) {
    this.topo = topo;
    this.tablets = tablets;
  }

  /** The workflow with the logs of its streams. */
  Vtctldata.Workflow add(Vtctldata.Workflow workflow) {
    String sidecar = Sidecars.name(topo, workflow.getTarget().getKeyspace());
    Vtctldata.Workflow.Builder answer = workflow.toBuilder();
    FanOut.map(
            workflow.getShardStreamsMap().entrySet(),
            shard -> Map.entry(shard.getKey(), add(shard.getValue(), sidecar)))
        .forEach(shard -> answer.putShardStreams(shard.getKey(), shard.getValue()));
    return answer.build();
  }

  private Vtctldata.Workflow.ShardStream add(Vtctldata.Workflow.ShardStream shard, String sidecar) {
    Vtctldata.Workflow.ShardStream.Builder answer = shard.toBuilder();
    try {
      Topodata.TabletAlias alias = shard.getStreams(0).getTablet();
      Topodata.Tablet tablet =
          topo.tablet(alias)
              .map(Versioned::value)
              .orElseThrow(() ->
                  new IllegalStateException(
                      "tablet " + Aliases.text(alias) + " is not in the topology"));
      for (ResultRow row : ResultRow.of(tablets.query(tablet, sql(shard, sidecar), MAX_ROWS))) {
        for (Vtctldata.Workflow.Stream.Builder stream : answer.getStreamsBuilderList()) {
          if (stream.getId() == row.number("vrepl_id")) {
            stream.addLogs(log(row));
          }
        }
      }
    } catch (RuntimeException e) {
      String error = Words.of(e);
      answer.getStreamsBuilderList().forEach(stream -> stream.setLogFetchError(error));
    }
    return answer.build();
  }

  private static String sql(Vtctldata.Workflow.ShardStream shard, String sidecar) {
    return ("select id, vrepl_id, type, state, message, created_at, updated_at, count"
            + " from `%s`.vreplication_log where vrepl_id in (%s) order by vrepl_id asc, id asc")
        .formatted(
            sidecar.replace("`", "``"),
            shard.getStreamsList().stream()
                .map(stream -> Long.toString(stream.getId()))
                .collect(Collectors.joining(",")));
  }

  private static Vtctldata.Workflow.Stream.Log log(ResultRow row) {
    return Vtctldata.Workflow.Stream.Log.newBuilder()
        .setId(row.number("id"))
        .setStreamId(row.number("vrepl_id"))
        .setType(row.text("type"))
        .setState(row.text("state"))
        .setCreatedAt(time(row.text("created_at")))
        .setUpdatedAt(time(row.text("updated_at")))
        .setMessage(row.text("message"))
        .setCount(row.number("count"))
        .build();
  }

  private static Vttime.Time time(String text) {
    try {
      return Vttime.Time.newBuilder()
          .setSeconds(LocalDateTime.parse(text, TIME).toEpochSecond(ZoneOffset.UTC))
          .build();
    } catch (DateTimeParseException e) {
      throw new IllegalStateException("log row with a malformed time: " + text, e);
    }
  }
}
