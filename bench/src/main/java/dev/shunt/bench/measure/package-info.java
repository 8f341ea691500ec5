/**
 * Time, CPU seconds and memory of processes, medians of several passes, and the report with its
 * table and its JSON. It must not know what is measured.
 */
@NullMarked
package dev.shunt.bench.measure;

import org.jspecify.annotations.NullMarked;
