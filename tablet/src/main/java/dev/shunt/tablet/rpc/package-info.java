/** How gRPC calls become blocking methods: errors, streams, what comes in headers. */
@NullMarked
package dev.shunt.tablet.rpc;

import org.jspecify.annotations.NullMarked;
