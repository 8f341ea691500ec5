/** Tests of the registry's client side. */
@NullMarked
package dev.shunt.schemas.registry;

import org.jspecify.annotations.NullMarked;
