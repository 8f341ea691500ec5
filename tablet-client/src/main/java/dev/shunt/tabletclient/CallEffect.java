package dev.shunt.tabletclient;

import io.grpc.Metadata;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a call that failed has left behind. */
public enum CallEffect {
  /** Nothing: it was not sent, not begun, or rolled back. */
  NONE,
  /** Perhaps all of it. */
  UNKNOWN;

  /** Trailer by which our tablets name it, where the code of an answer does not. */
  public static final Metadata.Key<String> TRAILER =
      Metadata.Key.of("shunt-effect", Metadata.ASCII_STRING_MARSHALLER);

  /** The trailer's value. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<CallEffect> of(@Nullable Metadata trailers) {
    String text = trailers == null ? null : trailers.get(TRAILER);
    for (CallEffect effect : values()) {
      if (effect.text().equals(text)) {
        return Optional.of(effect);
      }
    }
    return Optional.empty();
  }
}
