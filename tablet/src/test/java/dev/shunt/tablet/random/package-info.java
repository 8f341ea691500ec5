/**
 * Random tables with random changes, moved from one database to another: what no hand-written test
 * would think of. A case is all that its seed makes of it.
 */
@NullMarked
package dev.shunt.tablet.random;

import org.jspecify.annotations.NullMarked;
