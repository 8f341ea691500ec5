package dev.shunt.schemas;

/**
 * How the last command ended.
 *
 * @param commandId Its id.
 * @param commandType Its record name.
 * @param kind How.
 * @param code gRPC status code name; OK on success.
 * @param message Summary or reason.
 * @param at Milliseconds since the epoch.
 */
public record Outcome(
    String commandId, String commandType, OutcomeKind kind, String code, String message, long at) {}
