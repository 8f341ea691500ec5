/** Tests of the verbs that bring up a cluster on this machine. */
@NullMarked
package dev.shunt.cli.local;

import org.jspecify.annotations.NullMarked;
