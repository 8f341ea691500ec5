package dev.shunt.tabletclient;

import io.grpc.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * The trailer by which our tablets say that a call was refused because somebody with a later lock
 * acts on the same workflow; its value is the key of the fence, percent-encoded. What a message
 * says is for people.
 */
public final class Fenced {
  /** The trailer. */
  public static final Metadata.Key<String> TRAILER =
      Metadata.Key.of("shunt-fenced", Metadata.ASCII_STRING_MARSHALLER);

  private Fenced() {}

  static boolean isIn(@Nullable Metadata trailers) {
    return trailers != null && trailers.containsKey(TRAILER);
  }
}
