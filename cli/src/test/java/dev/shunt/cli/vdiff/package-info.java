/** Tests of the package of the same name. */
@NullMarked
package dev.shunt.cli.vdiff;

import org.jspecify.annotations.NullMarked;
