/**
 * The tables that are copied: what is in them, and files of them that are ready to load. The same
 * size gives the same bytes, always. It must not know how they are copied.
 */
@NullMarked
package dev.shunt.bench.data;

import org.jspecify.annotations.NullMarked;
