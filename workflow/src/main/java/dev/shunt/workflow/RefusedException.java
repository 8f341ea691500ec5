package dev.shunt.workflow;

import java.util.Objects;

/** Carries a {@link Refusal} up the stack: nothing was changed. */
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Refusal refusal;

  /** Wraps the refusal; its sentence becomes the message. */
  public RefusedException(Refusal refusal) {
    super(refusal.message());
    this.refusal = Objects.requireNonNull(refusal);
  }

  /** Code and sentence. */
  public Refusal refusal() {
    return refusal;
  }
}
