/** How long writes wait while traffic is switched. */
@NullMarked
package dev.shunt.bench.switching;

import org.jspecify.annotations.NullMarked;
