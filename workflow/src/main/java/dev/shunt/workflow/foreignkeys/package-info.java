/**
 * What foreign keys do to rows by themselves, read from the definitions of tables, and whether
 * source and target of streams do the same. Knows no server.
 */
@NullMarked
package dev.shunt.workflow.foreignkeys;

import org.jspecify.annotations.NullMarked;
