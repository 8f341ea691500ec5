/**
 * The little a tablet must know of SQL's text by itself: bind variables, and the statements on its
 * own sidecar tables. Statements of applications are parsed by {@code dev.shunt.workflow}.
 */
@NullMarked
package dev.shunt.tablet.sql;

import org.jspecify.annotations.NullMarked;
