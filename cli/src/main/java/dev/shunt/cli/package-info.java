/**
 * The {@code shunt} command: vtctldclient's verbs, and our own for the log of commands and events.
 * Only parses, calls and prints.
 */
@NullMarked
package dev.shunt.cli;

import org.jspecify.annotations.NullMarked;
