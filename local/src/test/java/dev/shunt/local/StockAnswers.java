package dev.shunt.local;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.MysqlException;
import dev.shunt.tablet.query.QueryResults;
import dev.shunt.tablet.sql.SidecarStatements;
import dev.shunt.tabletclient.ShuntTablet;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.List;
import tabletmanagerdata.Tabletmanagerdata.ExecuteFetchAsDbaRequest;
import tabletmanagerdata.Tabletmanagerdata.ExecuteFetchAsDbaResponse;
import tabletmanagerdata.Tabletmanagerdata.VReplicationExecRequest;

/**
 * Makes a tablet answer as a stock vttablet of Vitess 24: it has none of our own calls, knows none
 * of our headers, takes one statement a VReplicationExec, has no default database for
 * ExecuteFetchAsDba, and tells errors with few codes.
 */
final class StockAnswers implements ServerInterceptor {
  /** On calls of the stand-in's own, which are left as they are. */
  static final Metadata.Key<String> OWN =
      Metadata.Key.of("stand-in", Metadata.ASCII_STRING_MARSHALLER);

  private static final String OURS = "shunt-";
  private static final String MANAGER = "tabletmanagerservice.TabletManager";
  private static final String EXEC = "VReplicationExec";

  private final String alias;
  private final MysqlEndpoint server;

  /**
   * Answers for a tablet.
   *
   * @param alias its alias, as in {@code zone1-0000000100}
   * @param server its database server
   */
  StockAnswers(String alias, MysqlEndpoint server) {
    this.alias = alias;
    this.server = server;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String service = String.valueOf(call.getMethodDescriptor().getServiceName());
    if (service.equals(ShuntTablet.SERVICE)) {
      call.close(
          Status.UNIMPLEMENTED.withDescription("unknown service " + service), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    if (headers.containsKey(OWN)) {
      return next.startCall(call, headers);
    }
    discardOurs(headers);
    ServerCall<Q, A> answered = service.equals(MANAGER) ? new Translated<>(call, EXEC) : call;
    return new Listener<>(next.startCall(answered, headers), call);
  }

  private static void discardOurs(Metadata headers) {
    for (String key : List.copyOf(headers.keys())) {
      if (key.startsWith(OURS)) {
        headers.discardAll(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER));
      }
    }
  }

  /** An answer whose code is one that a vttablet gives. */
  private static final class Translated<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final boolean engine;

    Translated(ServerCall<Q, A> call, String engineCall) {
      super(call);
      this.engine = engineCall.equals(call.getMethodDescriptor().getBareMethodName());
    }

    @Override
    public void close(Status status, Metadata trailers) {
      discardOurs(trailers);
      boolean tagged = engine && String.valueOf(status.getDescription()).contains("(errno ");
      super.close(
          Status.fromCode(tagged ? status.getCode() : code(status))
              .withDescription(status.getDescription()),
          trailers);
    }

    /**
     * What it does not tag with a code of its own is UNKNOWN; of MySQL's errors only those that its
     * engine meets are tagged.
     */
    private static Status.Code code(Status status) {
      return switch (status.getCode()) {
        case FAILED_PRECONDITION, NOT_FOUND, ALREADY_EXISTS, ABORTED, INTERNAL ->
            Status.Code.UNKNOWN;
        case PERMISSION_DENIED, RESOURCE_EXHAUSTED, INVALID_ARGUMENT -> Status.Code.UNKNOWN;
        default -> status.getCode();
      };
    }
  }

  private final class Listener<Q, A> extends SimpleForwardingServerCallListener<Q> {
    private final ServerCall<Q, A> call;
    private boolean answered;

    Listener(ServerCall.Listener<Q> tablet, ServerCall<Q, A> call) {
      super(tablet);
      this.call = call;
    }

    @Override
    public void onMessage(Q message) {
      if (message instanceof VReplicationExecRequest request
          && SidecarStatements.split(request.getQuery()).size() > 1) {
        refuse(
            Status.INVALID_ARGUMENT.withDescription(
                "TabletManager.VReplicationExec on " + alias + ": Expected a single statement"));
      } else if (message instanceof ExecuteFetchAsDbaRequest request
          && request.getDbName().isEmpty()) {
        withoutDatabase(request);
      } else {
        super.onMessage(message);
      }
    }

    @Override
    public void onHalfClose() {
      if (!answered) {
        super.onHalfClose();
      }
    }

    private void refuse(Status status) {
      answered = true;
      call.close(status, new Metadata());
    }

    private void withoutDatabase(ExecuteFetchAsDbaRequest request) {
      String sql = request.getQuery().toStringUtf8();
      MysqlEndpoint nowhere = server.withDatabase(null);
      try (MysqlConnection connection = MysqlConnection.open(nowhere)) {
        var result = QueryResults.encode(connection.execute(sql));
        answered = true;
        call.sendHeaders(new Metadata());
        @SuppressWarnings("unchecked") // the answer of this request
        A answer = (A) ExecuteFetchAsDbaResponse.newBuilder().setResult(result).build();
        call.sendMessage(answer);
        call.close(Status.OK, new Metadata());
      } catch (MysqlException e) {
        refuse(Status.UNKNOWN.withDescription(e.getMessage() + " during query: " + sql));
      }
    }
  }
}
