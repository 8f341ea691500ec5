/** Prints messages as vtctldclient prints them: Go's two kinds of JSON, tables, tablet lines. */
@NullMarked
package dev.shunt.cli.render;

import org.jspecify.annotations.NullMarked;
