/** Creates MoveTables workflows: checks, tables, streams, routing, start. */
@NullMarked
package dev.shunt.copy.creating;

import org.jspecify.annotations.NullMarked;
