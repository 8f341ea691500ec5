/**
 * Everything of Shunt on one machine: in one JVM on embedded parts, or as processes of their own.
 * Wires the services; holds no logic of theirs.
 */
@NullMarked
package dev.shunt.local;

import org.jspecify.annotations.NullMarked;
