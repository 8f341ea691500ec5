/** What a caller is told that is refused, in gRPC's statuses. Knows nothing of calls. */
@NullMarked
package dev.shunt.command.refusing;

import org.jspecify.annotations.NullMarked;
