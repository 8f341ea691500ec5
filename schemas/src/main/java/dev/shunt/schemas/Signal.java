package dev.shunt.schemas;

/**
 * What a command in flight was asked to do and no run of it has taken yet.
 *
 * @param id Id of the command that it is.
 * @param signal What it asks for.
 * @param issuer Who sent it.
 * @param sentAt Milliseconds since the epoch.
 */
public record Signal(String id, SignalKind signal, String issuer, long sentAt) {}
