package dev.shunt.schemas;

/**
 * Takes back a command of the same workflow that waits, or abandons one that is being carried out.
 * Admission carries it out by itself; no service gets it as a task.
 *
 * @param header Id, workflow, issuer and guards.
 * @param target Id of the command that is taken back.
 * @param abandon Also when it is being carried out: it ends where it is, and what it has done
 *     stays.
 */
public record CommandCancel(CommandHeader header, String target, boolean abandon)
    implements Command {}
