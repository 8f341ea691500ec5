/** Tests of the embedded schema registry. */
@NullMarked
package dev.shunt.registry;

import org.jspecify.annotations.NullMarked;
