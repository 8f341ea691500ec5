/** Tests of how services are made from configurations. */
@NullMarked
package dev.shunt.cli.processes;

import org.jspecify.annotations.NullMarked;
