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
 */
public record CommandHeader(
    String commandId,
    String keyspace,
    String workflow,
    String issuer,
    String reason,
    @Nullable Long expectedVersion,
    boolean dryRun,
    long issuedAt) {}
