/** The verbs on the logs themselves: send commands, watch statuses, replay the audit log. */
@NullMarked
package dev.shunt.cli.log;

import org.jspecify.annotations.NullMarked;
