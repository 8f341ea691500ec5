/**
 * Answers about workflows: from the materialised state where that is enough, from tablets and topo
 * where the contract means "now". Changes nothing.
 */
@NullMarked
package dev.shunt.command.reading;

import org.jspecify.annotations.NullMarked;
