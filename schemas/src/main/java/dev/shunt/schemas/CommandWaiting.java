package dev.shunt.schemas;

/**
 * A command waits for others of its workflow.
 *
 * @param header Workflow, cause, time and teller.
 * @param commandType Record name of the command.
 * @param issuer Who asks.
 * @param reason Why, in the words of the issuer; may be empty.
 * @param behind Id of the command that it waits for.
 * @param beginBefore It is refused when it has not begun by then, milliseconds since the epoch; 0
 *     when it may begin at any time.
 */
public record CommandWaiting(
    EventHeader header,
    String commandType,
    String issuer,
    String reason,
    String behind,
    long beginBefore)
    implements Event {}
