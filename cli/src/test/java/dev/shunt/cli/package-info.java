/** Tests of the command line against a server that gives canned answers. */
@NullMarked
package dev.shunt.cli;

import org.jspecify.annotations.NullMarked;
