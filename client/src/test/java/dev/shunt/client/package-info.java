/** Tests of the client library. */
@NullMarked
package dev.shunt.client;

import org.jspecify.annotations.NullMarked;
