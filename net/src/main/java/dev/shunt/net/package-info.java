/**
 * Makes all gRPC servers and channels and all HTTP servers; nobody else calls gRPC's or the JDK's
 * own builders. How they are secured stands in {@link dev.shunt.net.Transport} alone. Knows no
 * service in particular.
 */
@NullMarked
package dev.shunt.net;

import org.jspecify.annotations.NullMarked;
