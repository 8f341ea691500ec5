/**
 * The database servers and tablets that are measured, each a process of its own. It knows how they
 * are set up, and that all of them are set up alike; not what is done with them.
 */
@NullMarked
package dev.shunt.bench.server;

import org.jspecify.annotations.NullMarked;
