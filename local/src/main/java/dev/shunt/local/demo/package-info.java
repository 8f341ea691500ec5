/**
 * The demonstration: a shop whose tables move while it is open. Knows the cluster only by its
 * endpoints and acts on it by commands; checks the outcome with its own SQL.
 */
@NullMarked
package dev.shunt.local.demo;

import org.jspecify.annotations.NullMarked;
