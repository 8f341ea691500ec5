package dev.shunt.schemas;

import java.util.List;

/**
 * A command that has been admitted and has not ended.
 *
 * @param commandId Its id.
 * @param commandType Its record name.
 * @param issuer Who asked.
 * @param dryRun Whether it changes nothing.
 * @param admittedAt Milliseconds since the epoch.
 * @param step Step under way; empty before the first.
 * @param fence Highest fencing token seen of it.
 * @param service Service that carries it out; empty when it was admitted by a version that did not
 *     say.
 * @param signals Signals that no run of it has taken yet, oldest first.
 */
public record InFlight(
    String commandId,
    String commandType,
    String issuer,
    boolean dryRun,
    long admittedAt,
    String step,
    long fence,
    String service,
    List<Signal> signals) {
  public InFlight {
    signals = List.copyOf(signals);
  }

  /** One of which nothing is known yet but its admission. */
  public static InFlight of(
      String commandId,
      String commandType,
      String service,
      String issuer,
      boolean dryRun,
      long admittedAt) {
    return new InFlight(
        commandId, commandType, issuer, dryRun, admittedAt, "", 0, service, List.of());
  }

  /** The same at another step. */
  public InFlight withStep(String other) {
    return new InFlight(
        commandId, commandType, issuer, dryRun, admittedAt, other, fence, service, signals);
  }

  /** The same under a later fence. */
  public InFlight withFence(long later) {
    return new InFlight(
        commandId, commandType, issuer, dryRun, admittedAt, step, later, service, signals);
  }

  /** The same with other signals. */
  public InFlight withSignals(List<Signal> others) {
    return new InFlight(
        commandId, commandType, issuer, dryRun, admittedAt, step, fence, service, others);
  }
}
