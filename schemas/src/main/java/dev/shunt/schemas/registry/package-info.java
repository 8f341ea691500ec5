/**
 * The schema registry as its clients see it: ids for schemas, subjects with versions, and the rules
 * of compatibility. Knows nothing of the records of Shunt.
 */
@NullMarked
package dev.shunt.schemas.registry;

import org.jspecify.annotations.NullMarked;
