/** The tablet's side of its database: connections, sidecar tables, fences, the streams' log. */
@NullMarked
package dev.shunt.tablet.database;

import org.jspecify.annotations.NullMarked;
