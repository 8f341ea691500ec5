@NullMarked
package dev.shunt.command.sending;

import org.jspecify.annotations.NullMarked;
