/** Tests of the servers and channels. */
@NullMarked
package dev.shunt.net;

import org.jspecify.annotations.NullMarked;
