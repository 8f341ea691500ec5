package dev.shunt.cli;

import com.google.protobuf.Message;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import vtctlservice.VtctldGrpc;

/** A vtctld that gives canned answers by method, and remembers the requests. */
final class FakeVtctld implements AutoCloseable {
  private static final Metadata.Key<byte[]> SUMMARY =
      Metadata.Key.of("shunt-summary-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private final Map<String, Message> answers = new ConcurrentHashMap<>();
  private final Map<String, Status> refusals = new ConcurrentHashMap<>();
  private final Map<String, Message> requests = new ConcurrentHashMap<>();
  private final Server server;
  private volatile @Nullable Metadata metadata;
  private volatile String summary = "";

  /** What a run of the command printed and returned. */
  record Run(int exitCode, String out, String err) {}

  FakeVtctld() throws IOException {
    ServerServiceDefinition.Builder service =
        ServerServiceDefinition.builder(VtctldGrpc.getServiceDescriptor());
    VtctldGrpc.getServiceDescriptor().getMethods().forEach(method -> add(service, method));
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(ServerInterceptors.intercept(service.build(), remember()))
            .build()
            .start();
  }

  private ServerInterceptor remember() {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        metadata = headers;
        return next.startCall(
            new SimpleForwardingServerCall<>(call) {
              @Override
              public void close(Status status, Metadata trailers) {
                if (!summary.isEmpty()) {
                  trailers.put(SUMMARY, summary.getBytes(StandardCharsets.UTF_8));
                }
                super.close(status, trailers);
              }
            },
            headers);
      }
    };
  }

  private <Q, A> void add(ServerServiceDefinition.Builder service, MethodDescriptor<Q, A> method) {
    if (method.getType() != MethodDescriptor.MethodType.UNARY) {
      service.addMethod(
          ServerMethodDefinition.create(
              method,
              ServerCalls.asyncServerStreamingCall((request, observer) ->
                  observer.onError(Status.UNIMPLEMENTED.asRuntimeException()))));
      return;
    }
    String name = Objects.requireNonNull(method.getBareMethodName());
    service.addMethod(
        ServerMethodDefinition.create(
            method,
            ServerCalls.asyncUnaryCall((request, observer) -> {
              requests.put(name, (Message) request);
              Message answer = answers.get(name);
              if (answer == null) {
                observer.onError(
                    refusals.getOrDefault(name, Status.UNIMPLEMENTED).asRuntimeException());
                return;
              }
              @SuppressWarnings("unchecked")
              A typed = (A) answer;
              observer.onNext(typed);
              observer.onCompleted();
            })));
  }

  FakeVtctld answering(String method, Message answer) {
    answers.put(method, answer);
    return this;
  }

  /** Where it listens. */
  String address() {
    return "127.0.0.1:" + server.getPort();
  }

  /** Sends this in the trailers of every answer, as a command service does. */
  FakeVtctld withSummary(String sentence) {
    summary = sentence;
    return this;
  }

  FakeVtctld refusing(String method, Status status) {
    refusals.put(method, status);
    return this;
  }

  /** The last request of a method. */
  <M extends Message> M request(String method, Class<M> type) {
    return type.cast(Objects.requireNonNull(requests.get(method), method));
  }

  /** A value in the metadata of the last call. */
  @Nullable String metadata(String key) {
    return Objects.requireNonNull(metadata)
        .get(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER));
  }

  /** As {@link #metadata}, where the value is UTF-8. */
  String utf8(String key) {
    byte[] bytes =
        Objects.requireNonNull(metadata).get(Metadata.Key.of(key, Metadata.BINARY_BYTE_MARSHALLER));
    return new String(Objects.requireNonNull(bytes), StandardCharsets.UTF_8);
  }

  /** Runs the command against this server; words are separated by blanks. */
  Run run(String words) {
    return execute(Arrays.asList(words.split(" ")));
  }

  Run execute(List<String> words) {
    List<String> arguments = new ArrayList<>(words);
    arguments.addFirst("--server=" + address());
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commandLine =
        Shunt.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    int exitCode = commandLine.execute(arguments.toArray(String[]::new));
    return new Run(exitCode, out.toString(), err.toString());
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
