/** The verb that checks a database before it is used. */
@NullMarked
package dev.shunt.cli.check;

import org.jspecify.annotations.NullMarked;
