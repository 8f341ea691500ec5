/** Ends workflows: completes what is switched, cancels what is not. */
@NullMarked
package dev.shunt.copy.ending;

import org.jspecify.annotations.NullMarked;
