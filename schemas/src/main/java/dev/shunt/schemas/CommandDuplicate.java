package dev.shunt.schemas;

import org.jspecify.annotations.Nullable;

/**
 * A command id arrived again and was not acted on again.
 *
 * @param header Workflow, cause, time and teller.
 * @param commandType Record name of the command.
 * @param issuer Who sent it again.
 * @param original How the first one ended; null while it has not.
 */
public record CommandDuplicate(
    EventHeader header, String commandType, String issuer, @Nullable OutcomeKind original)
    implements Event {}
