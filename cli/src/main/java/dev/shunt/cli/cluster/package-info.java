/** The verbs that set up and look at a cluster. */
@NullMarked
package dev.shunt.cli.cluster;

import org.jspecify.annotations.NullMarked;
