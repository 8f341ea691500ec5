/** The verbs that run services. */
@NullMarked
package dev.shunt.cli.processes;

import org.jspecify.annotations.NullMarked;
