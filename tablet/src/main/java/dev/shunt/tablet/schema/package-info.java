/**
 * What both sides of a stream share: tables and columns as information_schema describes them, their
 * values, and the text of statements that hold values. Knows neither the binary log nor streams,
 * and nothing of targets.
 */
@NullMarked
package dev.shunt.tablet.schema;

import org.jspecify.annotations.NullMarked;
