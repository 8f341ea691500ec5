package dev.shunt.schemas;

/**
 * A command that waits for others of its workflow.
 *
 * @param commandId Its id.
 * @param commandType Record name of the command.
 * @param issuer Who asked.
 * @param since Since when it waits, milliseconds since the epoch.
 * @param behind Id of the command that it was put behind.
 * @param beginBefore It is refused when it has not begun by then, milliseconds since the epoch; 0
 *     when it may begin at any time.
 */
public record Waiting(
    String commandId,
    String commandType,
    String issuer,
    long since,
    String behind,
    long beginBefore) {}
