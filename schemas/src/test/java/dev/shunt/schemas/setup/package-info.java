/** Tests of the registry's client side. */
@NullMarked
package dev.shunt.schemas.setup;

import org.jspecify.annotations.NullMarked;
