/** The way to a command service, ours or a vtctld, and what calls to it share. */
@NullMarked
package dev.shunt.cli.vtctld;

import org.jspecify.annotations.NullMarked;
