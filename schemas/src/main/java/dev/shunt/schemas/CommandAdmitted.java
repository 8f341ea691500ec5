package dev.shunt.schemas;

/**
 * A command was accepted and handed to the service that performs it.
 *
 * @param header Workflow, cause, time and teller.
 * @param commandType Record name of the command.
 * @param service copy, switch or vdiff.
 * @param issuer Who asked.
 * @param reason Why.
 * @param dryRun Whether it only asks what would happen.
 */
public record CommandAdmitted(
    EventHeader header,
    String commandType,
    String service,
    String issuer,
    String reason,
    boolean dryRun)
    implements Event {}
