package dev.shunt.schemas;

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
 */
public record InFlight(
    String commandId,
    String commandType,
    String issuer,
    boolean dryRun,
    long admittedAt,
    String step,
    long fence) {}
