package dev.shunt.schemas;

/**
 * A command was taken up and could not be carried out; its effects were undone.
 *
 * @param header Workflow, cause, time and teller.
 * @param commandType Record name of the command.
 * @param code gRPC status code name.
 * @param message One sentence: what, where, what to do.
 */
public record CommandFailed(EventHeader header, String commandType, String code, String message)
    implements Event {}
