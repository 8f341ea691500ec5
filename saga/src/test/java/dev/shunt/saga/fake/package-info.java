/** A cluster in memory for tests of sagas: a real local topology and tablets that are maps. */
@NullMarked
package dev.shunt.saga.fake;

import org.jspecify.annotations.NullMarked;
