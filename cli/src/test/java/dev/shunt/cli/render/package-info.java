/** Tests of the package of the same name. */
@NullMarked
package dev.shunt.cli.render;

import org.jspecify.annotations.NullMarked;
