package dev.shunt.schemas;

import org.jspecify.annotations.Nullable;

/**
 * What every command carries beside its payload.
 *
 * @param commandId Unique id of the command, a UUID; sent twice it acts once.
 * @param keyspace Target keyspace of the workflow.
 * @param workflow Name of the workflow within its target keyspace.
 * @param issuer Who asks: a user or a program.
 * @param reason Why, in the words of the issuer; may be empty.
 * @param expectedVersion Version of the workflow that the issuer saw; the command is refused when
 *     it has moved on. Null means any.
 * @param dryRun True to be told what would happen, changing nothing.
 * @param issuedAt When it was issued, milliseconds since the epoch.
 * @param beginBefore The command is refused when it has not begun by then, milliseconds since the
 *     epoch; 0 when it may begin at any time.
 */
public record CommandHeader(
    String commandId,
    String keyspace,
    String workflow,
    String issuer,
    String reason,
    @Nullable Long expectedVersion,
    boolean dryRun,
    long issuedAt,
    long beginBefore) {
  /** A header of a command that may begin at any time. */
  public CommandHeader(
      String commandId,
      String keyspace,
      String workflow,
      String issuer,
      String reason,
      @Nullable Long expectedVersion,
      boolean dryRun,
      long issuedAt) {
    this(commandId, keyspace, workflow, issuer, reason, expectedVersion, dryRun, issuedAt, 0);
  }

  /** The same, to be begun by then or not at all. */
  public CommandHeader withBeginBefore(long millis) {
    return new CommandHeader(
        commandId, keyspace, workflow, issuer, reason, expectedVersion, dryRun, issuedAt, millis);
  }

  /** Whether it is too late to begin. */
  public boolean late(long now) {
    return beginBefore > 0 && now > beginBefore;
  }
}
