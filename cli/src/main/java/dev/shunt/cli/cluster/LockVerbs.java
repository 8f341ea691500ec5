package dev.shunt.cli.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shunt.cli.render.Grid;
import dev.shunt.cli.vtctld.GlobalOptions;
import dev.shunt.cli.vtctld.HasGlobalOptions;
import dev.shunt.cli.vtctld.Reads;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code locks list} and {@code locks break}. */
@Command(
    name = "locks",
    description = "Works with the locks of keyspaces, shards and workflows in the topology.",
    subcommands = {LockVerbs.ListVerb.class, LockVerbs.BreakVerb.class})
public final class LockVerbs {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A verb that talks to a command service over HTTP. */
  abstract static class HttpVerb implements Callable<Integer> {
    @Spec @Nullable CommandSpec spec;

    @Option(
        names = "--http",
        paramLabel = "URL",
        defaultValue = "${env:SHUNT_HTTP:-http://127.0.0.1:8081}",
        description = "HTTP face of a command service (env SHUNT_HTTP; default: ${DEFAULT-VALUE}).")
    String http = "";

    final CommandSpec spec() {
      if (spec == null) {
        throw new IllegalStateException("not parsed");
      }
      return spec;
    }

    final PrintWriter out() {
      return spec().commandLine().getOut();
    }

    final GlobalOptions options() {
      return ((HasGlobalOptions) spec().root().userObject()).globalOptions();
    }

    /** The answer; its error as an exception. */
    final JsonNode call(String method, String path) throws IOException, InterruptedException {
      try (HttpClient client = HttpClient.newHttpClient()) {
        HttpResponse<String> answer =
            client.send(
                HttpRequest.newBuilder(URI.create(http + path))
                    .timeout(Duration.ofMinutes(1))
                    .method(method, HttpRequest.BodyPublishers.noBody())
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
          throw new IOException(error(answer));
        }
        return JSON.readTree(answer.body());
      }
    }

    private String error(HttpResponse<String> answer) {
      try {
        JsonNode error = JSON.readTree(answer.body()).path("error");
        if (error.isTextual()) {
          return error.asText();
        }
      } catch (JsonProcessingException e) {
        // Somebody else answered: its status says most.
      }
      return "%s answered %d: is it the HTTP face of a command service?"
          .formatted(http, answer.statusCode());
    }
  }

  /** Lists the locks that are held or waited for. */
  @Command(
      name = "list",
      description = "Who holds which lock or waits for it: what for, from where, since when.")
  static final class ListVerb extends HttpVerb {
    @Option(names = "--json", description = "Print JSON.")
    boolean json;

    @Override
    public Integer call() throws Exception {
      JsonNode locks = call("GET", "/api/locks");
      if (json) {
        out().println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(locks));
        return 0;
      }
      if (locks.isEmpty()) {
        out().println("no locks");
        return 0;
      }
      List<List<String>> rows = new ArrayList<>();
      rows.add(List.of("lock", "state", "action", "by", "since", "age"));
      for (JsonNode lock : locks) {
        rows.add(
            List.of(
                lock.path("key").asText(),
                lock.path("holds").asBoolean() ? "held" : "waiting",
                lock.path("action").asText(),
                lock.path("user").asText() + "@" + lock.path("host").asText(),
                lock.path("since").asText(),
                age(lock.path("since").asText())));
      }
      out().print(Grid.of(rows));
      return 0;
    }

    private static String age(String since) {
      try {
        return Duration.between(Instant.parse(since), Instant.now()).toSeconds() + " s";
      } catch (DateTimeException e) {
        return "unknown";
      }
    }
  }

  /** Deletes the lock of a holder that is gone. */
  @Command(
      name = "break",
      description = {
        "Takes a lock away from its holder, which must be known to be gone: one that is alive can",
        "write no more under it. It is on the audit log, with the issuer and the reason."
      })
  @Reads({Reads.Group.ISSUES})
  static final class BreakVerb extends HttpVerb {
    @Parameters(
        index = "0",
        paramLabel = "LOCK",
        description = "Exact name of the lock, as 'locks list' prints it.")
    String lock = "";

    @Override
    public Integer call() throws Exception {
      JsonNode answer =
          call(
              "DELETE",
              "/api/locks/%s?issuer=%s&reason=%s"
                  .formatted(
                      Arrays.stream(lock.split("/", -1))
                          .map(part -> encoded(part).replace("+", "%20"))
                          .collect(Collectors.joining("/")),
                      encoded(options().issuer),
                      encoded(options().reason)));
      out()
          .println(
              answer.path("broken").asBoolean()
                  ? "Broke %s: %s".formatted(lock, answer.path("holder").asText())
                  : "%s was gone already".formatted(lock));
      return 0;
    }

    private static String encoded(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
  }
}
