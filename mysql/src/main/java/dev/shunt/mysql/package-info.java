/**
 * A client of MySQL and MariaDB over the text protocol: blocking, made for virtual threads, and
 * exact, as each value is handed out as the very bytes that the server sent. Also positions (GTID
 * sets of both families) and consistent snapshots. It knows nothing of Vitess's records or of
 * workflows.
 */
@NullMarked
package dev.shunt.mysql;

import org.jspecify.annotations.NullMarked;
