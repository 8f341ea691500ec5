package dev.shunt.command.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import dev.shunt.command.reading.WorkflowStates;
import dev.shunt.net.HttpFace;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.topo.Topo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * HTTP: {@code /healthz} (the process lives), {@code /readyz} (it can take commands), {@code
 * /api/workflows} and {@code /api/workflows/KEYSPACE/WORKFLOW}, whose JSON has the fields of the
 * record WorkflowStatus, are read only; {@code /api/locks} lists the topology's locks and breaks
 * one.
 */
public final class HttpApi {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String WORKFLOWS = "/api/workflows";

  private final WorkflowStates workflows;
  private final Supplier<Optional<String>> unready;

  private final LockApi locks;

  /**
   * Answers from the materialised state, and from the topology about its locks.
   *
   * @param unready why commands can't be carried out at the moment; empty when they can
   * @param audit puts an event on the audit log; returns once it is there
   */
  public HttpApi(
      WorkflowStates workflows,
      Supplier<Optional<String>> unready,
      Topo topo,
      Consumer<Event> audit,
      InstantSource clock) {
    this.workflows = workflows;
    this.unready = unready;
    this.locks = new LockApi(topo, audit, clock);
  }

  /** Adds the paths to a server. */
  public void mount(HttpFace face) {
    face.serve("/healthz", exchange -> answer(exchange, new Answer(200, "ok")));
    face.serve("/readyz", exchange -> answer(exchange, guarded(this::readiness)));
    face.serve(WORKFLOWS, exchange -> answer(exchange, guarded(() -> route(exchange))));
    face.serve(LockApi.PATH, exchange -> send(exchange, guarded(() -> locks.route(exchange))));
  }

  /** While the state is not read yet, everything answers 503. */
  private static Answer guarded(Supplier<Answer> answer) {
    try {
      return answer.get();
    } catch (IllegalStateException e) {
      return new Answer(503, Map.of("error", String.valueOf(e.getMessage())));
    }
  }

  private Answer readiness() {
    return unready
        .get()
        .map(reason -> new Answer(503, Map.of("error", reason)))
        .orElse(new Answer(200, "ok"));
  }

  private Answer route(HttpExchange exchange) {
    String rest = exchange.getRequestURI().getPath().substring(WORKFLOWS.length());
    List<String> parts = List.of(rest.split("/")).stream().filter(part -> !part.isEmpty()).toList();
    return switch (parts.size()) {
      case 0 -> new Answer(200, workflows.all());
      case 2 -> {
        Optional<WorkflowStatus> found =
            workflows.find(new WorkflowKey(parts.get(0), parts.get(1)));
        yield found.isPresent()
            ? new Answer(200, found.get())
            : new Answer(404, Map.of("error", "no workflow " + String.join(".", parts)));
      }
      default -> new Answer(404, Map.of("error", "no such path: " + exchange.getRequestURI()));
    };
  }

  private static void answer(HttpExchange exchange, Answer answer) throws IOException {
    boolean read = exchange.getRequestMethod().equals("GET");
    send(exchange, read ? answer : Answer.error(405, "only GET is served"));
  }

  private static void send(HttpExchange exchange, Answer given) throws IOException {
    try (exchange) {
      byte[] body = bytes(given.body());
      exchange
          .getResponseHeaders()
          .set("Content-Type", given.body() instanceof String ? "text/plain" : "application/json");
      exchange.sendResponseHeaders(given.status(), body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static byte[] bytes(Object body) throws JsonProcessingException {
    return body instanceof String text
        ? text.getBytes(StandardCharsets.UTF_8)
        : JSON.writeValueAsBytes(body);
  }
}
