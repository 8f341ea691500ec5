package dev.shunt.schemas;

/**
 * A diff ended.
 *
 * @param header Workflow, cause, time and teller.
 * @param uuid Id of the diff.
 * @param state completed, stopped or error.
 * @param rowsCompared Rows compared in all.
 * @param hasMismatch Whether anything differs.
 * @param error Why it ended, when it did not complete.
 */
public record VDiffFinished(
    EventHeader header,
    String uuid,
    String state,
    long rowsCompared,
    boolean hasMismatch,
    String error)
    implements Event {}
