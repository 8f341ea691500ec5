/**
 * What the cluster's services reach: Vitess's TabletManager service over one database, and {@code
 * dev.shunt.Tablet}.
 */
@NullMarked
package dev.shunt.tablet.manager;

import org.jspecify.annotations.NullMarked;
