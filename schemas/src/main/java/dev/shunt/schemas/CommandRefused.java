package dev.shunt.schemas;

/**
 * A command was refused; nothing was changed.
 *
 * @param header Workflow, cause, time and teller.
 * @param commandType Record name of the command.
 * @param issuer Who asked.
 * @param reason Why they asked.
 * @param code gRPC status code name, for instance FAILED_PRECONDITION.
 * @param message One sentence: what, where, what to do.
 */
public record CommandRefused(
    EventHeader header,
    String commandType,
    String issuer,
    String reason,
    String code,
    String message)
    implements Event {}
