package dev.shunt.command.sending;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Who makes a call and what they say beside the request, from the call's metadata.
 *
 * @param issuer {@code shunt-issuer-bin}, which is UTF-8, else {@code shunt-issuer}, else the
 *     {@code username} of static authentication, else {@code vtctld}
 * @param reason {@code shunt-reason-bin}, which is UTF-8, else {@code shunt-reason}, else empty
 * @param commandId {@code shunt-command-id}; null when the service is to choose one
 * @param expectedVersion {@code shunt-expected-version}; null means any
 */
public record Caller(
    String issuer, String reason, @Nullable String commandId, @Nullable String expectedVersion) {
  /** Metadata key of the issuer. */
  public static final Metadata.Key<String> ISSUER = key("shunt-issuer");

  /** Metadata key of the reason. */
  public static final Metadata.Key<String> REASON = key("shunt-reason");

  /** Metadata key of the command id. */
  public static final Metadata.Key<String> COMMAND_ID = key("shunt-command-id");

  /** Metadata key of the expected version. */
  public static final Metadata.Key<String> EXPECTED_VERSION = key("shunt-expected-version");

  private static final Metadata.Key<byte[]> ISSUER_UTF8 =
      Metadata.Key.of("shunt-issuer-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private static final Metadata.Key<byte[]> REASON_UTF8 =
      Metadata.Key.of("shunt-reason-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private static final Metadata.Key<String> USERNAME = key("username");
  private static final Caller NOBODY = new Caller("vtctld", "", null, null);
  private static final Context.Key<Caller> CURRENT = Context.keyWithDefault("caller", NOBODY);

  /** The caller of the RPC that the current thread serves. */
  public static Caller current() {
    return CURRENT.get();
  }

  /** Makes {@link #current()} work. */
  public static ServerInterceptor interceptor() {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Context context = Context.current().withValue(CURRENT, of(headers));
        return Contexts.interceptCall(context, call, headers, next);
      }
    };
  }

  static Caller of(Metadata headers) {
    String issuer = text(headers, ISSUER_UTF8, ISSUER);
    String username = headers.get(USERNAME);
    String reason = text(headers, REASON_UTF8, REASON);
    return new Caller(
        issuer != null ? issuer : username != null ? username : NOBODY.issuer(),
        reason != null ? reason : "",
        headers.get(COMMAND_ID),
        headers.get(EXPECTED_VERSION));
  }

  private static @Nullable String text(
      Metadata headers, Metadata.Key<byte[]> utf8, Metadata.Key<String> ascii) {
    byte[] bytes = headers.get(utf8);
    return bytes == null ? headers.get(ascii) : new String(bytes, StandardCharsets.UTF_8);
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
