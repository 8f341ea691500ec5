/**
 * What workflows move, and from where to where, as types. Whatever is done for one kind of
 * migration only hangs on its type; what is common to all takes {@link
 * dev.shunt.workflow.migration.Migration}.
 */
@NullMarked
package dev.shunt.workflow.migration;

import org.jspecify.annotations.NullMarked;
