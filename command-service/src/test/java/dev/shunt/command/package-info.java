/** Tests of the command service with a fake log behind it. */
@NullMarked
package dev.shunt.command;

import org.jspecify.annotations.NullMarked;
