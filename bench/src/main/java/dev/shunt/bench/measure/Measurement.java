package dev.shunt.bench.measure;

import com.fasterxml.jackson.annotation.JsonUnwrapped;

/**
 * One way of doing a thing, measured once.
 *
 * @param way which way
 * @param pass in which pass, from 1 on
 * @param figures what it took
 */
public record Measurement(String way, int pass, @JsonUnwrapped Figures figures) {}
