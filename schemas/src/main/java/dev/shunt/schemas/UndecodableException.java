package dev.shunt.schemas;

import java.io.Serial;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that are not a record of Shunt, now or on any later attempt. A registry that can't be
 * reached is a {@link dev.shunt.schemas.registry.RegistryException} instead, which may pass.
 */
public final class UndecodableException extends SerializationException {
  @Serial private static final long serialVersionUID = 1L;

  /** What is wrong with the bytes. */
  public enum Kind {
    /** They don't start with a zero byte and four bytes of schema id. */
    NOT_WIRE_FORMAT,
    /** The registry has no schema of that id. */
    UNKNOWN_SCHEMA,
    /** The schema is of a record that this build does not know. */
    UNKNOWN_RECORD,
    /** They end early, go on too long, or don't fit the schema. */
    MALFORMED
  }

  private final Kind kind;

  public UndecodableException(Kind kind, String message) {
    this(kind, message, null);
  }

  public UndecodableException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What is wrong. */
  public Kind kind() {
    return kind;
  }
}
