/**
 * Calls to tablets, ours or vttablet, through Vitess's own services: channels kept warm, fencing
 * tokens sent along, errors with their MySQL number. Knows nothing of workflows.
 */
@NullMarked
package dev.shunt.tabletclient;

import org.jspecify.annotations.NullMarked;
