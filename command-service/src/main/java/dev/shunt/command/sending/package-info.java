/**
 * Turns write requests into commands, sends them and turns outcomes into answers. Knows how a
 * request reads, not how a command is carried out.
 */
@NullMarked
package dev.shunt.command.sending;

import org.jspecify.annotations.NullMarked;
