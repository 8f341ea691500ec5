package dev.shunt.command;

import dev.shunt.command.cluster.CellCalls;
import dev.shunt.command.cluster.KeyspaceCalls;
import dev.shunt.command.cluster.ServingCalls;
import dev.shunt.command.cluster.ShardControlCalls;
import dev.shunt.command.cluster.TabletCalls;
import dev.shunt.command.http.HttpApi;
import dev.shunt.command.reading.ClientTablets;
import dev.shunt.command.reading.DiffCalls;
import dev.shunt.command.reading.LiveStatus;
import dev.shunt.command.reading.ReadCalls;
import dev.shunt.command.reading.TabletAccess;
import dev.shunt.command.sending.Caller;
import dev.shunt.command.sending.Summary;
import dev.shunt.command.sending.WriteCalls;
import dev.shunt.net.GrpcServer;
import dev.shunt.net.HttpFace;
import dev.shunt.service.Service;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import vtctlservice.VtctldGrpc;

/** Serves vtctlservice.Vtctld with reflection and health, and the HTTP face. */
public final class CommandService implements Service {
  private static final Logger log = LoggerFactory.getLogger(CommandService.class);
  private static final int MAX_MESSAGE_BYTES = 64 << 20;

  private final CommandServiceConfig config;
  private final Backend backend;
  private final VtctldService vtctld;
  private final HttpApi api;
  private final Consumer<HttpFace> mounts;
  private final HealthStatusManager health = new HealthStatusManager();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private @Nullable GrpcServer grpc;
  private @Nullable HttpFace http;

  /**
   * Wires the service. It starts and closes the backend; topology and tablets stay the giver's to
   * close.
   *
   * @param mounts adds further paths to the HTTP face, for instance the schema registry's
   */
  public CommandService(
      CommandServiceConfig config,
      Topo topo,
      TabletAccess tablets,
      Backend backend,
      Consumer<HttpFace> mounts) {
    this.config = config;
    this.backend = backend;
    this.mounts = mounts;
    InstantSource clock = InstantSource.system();
    LiveStatus live = new LiveStatus(topo, tablets, clock);
    this.vtctld =
        new VtctldService(
            new WriteCalls(backend, backend, live, clock, config.actionTimeout()),
            new ReadCalls(topo, backend, tablets, clock),
            live,
            new DiffCalls(backend),
            new CellCalls(topo),
            new KeyspaceCalls(topo),
            new TabletCalls(topo, tablets),
            new ServingCalls(topo),
            new ShardControlCalls(topo, tablets));
    this.api =
        new HttpApi(
            backend, new Readiness(backend, topo, threads)::missing, topo, backend::audit, clock);
  }

  /**
   * The service over Kafka, with the schema registry of its own when the configuration says so.
   * Topology and tablets stay the giver's to close.
   */
  public static CommandService over(CommandServiceConfig config, Topo topo, TabletClients tablets) {
    KafkaBackend backend = new KafkaBackend(config);
    return new CommandService(config, topo, new ClientTablets(tablets), backend, backend::mount);
  }

  @Override
  public String name() {
    return "command";
  }

  @Override
  public void start() {
    try {
      HttpFace face = HttpFace.listen(config.host(), config.httpPort(), threads);
      http = face;
      mounts.accept(face);
      api.mount(face);
      face.start();
      backend.start();
      grpc =
          GrpcServer.on(config.host(), config.grpcPort(), threads)
              .maxMessageBytes(MAX_MESSAGE_BYTES)
              .permitKeepAlive(Duration.ofSeconds(10))
              .grace(Duration.ofSeconds(2))
              .intercept(Caller.interceptor())
              .intercept(Summary.interceptor())
              .service(vtctld)
              .service(OpenCommand.service(this::describe))
              .health(health)
              .reflection()
              .olderReflection()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the command service can't listen on %s, ports %d (gRPC) and %d (HTTP): %s"
              .formatted(config.host(), config.grpcPort(), config.httpPort(), e.getMessage()),
          e);
    }
    health.setStatus("", ServingStatus.SERVING);
    health.setStatus(VtctldGrpc.SERVICE_NAME, ServingStatus.SERVING);
    log.atInfo()
        .addKeyValue("grpc", grpcPort())
        .addKeyValue("http", httpPort())
        .log("command service started");
  }

  /** Why a command has not ended: Kafka first, without which nothing goes on. */
  private String describe(String id) {
    String open = OpenCommand.describe(backend.all(), id);
    return backend
        .unready()
        .filter(_ -> !open.isEmpty())
        .map(away -> away + "; " + open)
        .orElse(open);
  }

  /** Port of vtctlservice.Vtctld; IllegalStateException before the start. */
  public int grpcPort() {
    if (grpc == null) {
      throw new IllegalStateException("not started");
    }
    return grpc.port();
  }

  /** Port of the HTTP face; IllegalStateException before the start. */
  public int httpPort() {
    if (http == null) {
      throw new IllegalStateException("not started");
    }
    return http.port();
  }

  @Override
  public Map<String, String> endpoints() {
    return Map.of(
        "vtctld", config.host() + ":" + grpcPort(),
        "http", "http://" + config.host() + ":" + httpPort());
  }

  @Override
  public void close() {
    health.enterTerminalState();
    if (grpc != null) {
      grpc.close();
    }
    if (http != null) {
      http.close();
    }
    backend.close();
    threads.shutdownNow();
  }
}
