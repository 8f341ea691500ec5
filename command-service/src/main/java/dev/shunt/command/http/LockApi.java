package dev.shunt.command.http;

import com.sun.net.httpserver.HttpExchange;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.StepFailed;
import dev.shunt.schemas.StepFinished;
import dev.shunt.schemas.StepStarted;
import dev.shunt.topo.LockHolder;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * {@code /api/locks}: GET shows who holds or waits for locks of the topology; DELETE of {@code
 * /api/locks/KEY?issuer=…&reason=…} breaks one. What is to be broken, by whom and why, is on the
 * audit log before it is, and how it went behind it.
 */
final class LockApi {
  static final String PATH = "/api/locks";

  /** Stands where an event names a workflow, for a lock that is not a workflow's. */
  private static final String NO_WORKFLOW = "locks";

  private static final String KEYSPACES = "keyspaces/";

  private final Topo topo;
  private final Consumer<Event> audit;
  private final InstantSource clock;

  LockApi(Topo topo, Consumer<Event> audit, InstantSource clock) {
    this.topo = topo;
    this.audit = audit;
    this.clock = clock;
  }

  Answer route(HttpExchange exchange) {
    String rest = exchange.getRequestURI().getPath().substring(PATH.length());
    String key = rest.startsWith("/") ? rest.substring(1) : rest;
    try {
      return switch (exchange.getRequestMethod()) {
        case "GET" ->
            key.isEmpty() ? new Answer(200, list()) : Answer.error(404, "no such path: " + rest);
        case "DELETE" -> breaking(key, query(exchange));
        default -> Answer.error(405, "only GET and DELETE are served");
      };
    } catch (TopoException e) {
      return Answer.error(503, "the topology does not answer: " + e.getMessage());
    }
  }

  private List<Map<String, Object>> list() {
    Set<String> held = new HashSet<>();
    List<Map<String, Object>> locks = new ArrayList<>();
    for (LockHolder holder : topo.locks()) {
      locks.add(
          Map.of(
              "key", holder.key(),
              "path", holder.path(),
              "holds", held.add(holder.path()),
              "action", holder.action(),
              "host", holder.host(),
              "user", holder.user(),
              "since", holder.since(),
              "ours", holder.ours()));
    }
    return locks;
  }

  private Answer breaking(String key, Map<String, String> query) {
    String issuer = query.getOrDefault("issuer", "");
    if (issuer.isBlank()) {
      return Answer.error(400, "issuer is missing: say who breaks the lock");
    }
    Optional<LockHolder> found =
        topo.locks().stream().filter(holder -> holder.key().equals(key)).findFirst();
    if (found.isEmpty()) {
      return Answer.error(404, "there is no lock " + key + ": list them for their names");
    }
    LockHolder holder = found.get();
    String command = UUID.randomUUID().toString();
    String step = "break lock " + key;
    String reason = query.getOrDefault("reason", "");
    long start = System.nanoTime();
    audit.accept(
        new StepStarted(
            header(holder, command),
            step,
            "of %s; asked for by %s%s"
                .formatted(holder.text(), issuer, reason.isBlank() ? "" : " because " + reason)));
    try {
      boolean broken = topo.breakLock(key);
      String detail = broken ? "broken" : "it was gone already";
      audit.accept(new StepFinished(header(holder, command), step, detail, micros(start)));
      return new Answer(200, Map.of("key", key, "broken", broken, "holder", holder.text()));
    } catch (TopoException e) {
      audit.accept(
          new StepFailed(
              header(holder, command), step, String.valueOf(e.getMessage()), micros(start)));
      throw e;
    }
  }

  private static long micros(long since) {
    return (System.nanoTime() - since) / 1000;
  }

  /** Under the workflow where the lock is one's, else under its keyspace. */
  private EventHeader header(LockHolder holder, String command) {
    String path = holder.path();
    String keyspace = NO_WORKFLOW;
    String workflow = NO_WORKFLOW;
    if (holder.named().isPresent()) {
      String[] parts = holder.named().get().split("/", 2);
      keyspace = parts[0];
      workflow = parts.length > 1 ? parts[1] : NO_WORKFLOW;
    } else if (path.startsWith(KEYSPACES)) {
      keyspace = path.substring(KEYSPACES.length()).split("/", 2)[0];
    }
    return new EventHeader(keyspace, workflow, command, clock.millis(), "command-service", 0);
  }

  private static Map<String, String> query(HttpExchange exchange) {
    Map<String, String> values = new HashMap<>();
    String raw = exchange.getRequestURI().getRawQuery();
    for (String pair : raw == null ? new String[0] : raw.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        values.put(
            URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return values;
  }
}
