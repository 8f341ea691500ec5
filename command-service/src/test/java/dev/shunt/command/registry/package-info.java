/** Tests of the embedded schema registry. */
@NullMarked
package dev.shunt.command.registry;

import org.jspecify.annotations.NullMarked;
