/**
 * What applications reach: Vitess's Query service over one database, with its transactions, its
 * errors and the denied tables.
 */
@NullMarked
package dev.shunt.tablet.query;

import org.jspecify.annotations.NullMarked;
