/** The HTTP face: health, the workflows as JSON, and whatever else is mounted beside them. */
@NullMarked
package dev.shunt.command.http;

import org.jspecify.annotations.NullMarked;
