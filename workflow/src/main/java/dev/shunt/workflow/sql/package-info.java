/**
 * What the product needs to know of SQL statements, behind one interface and free of the parser's
 * own types: the SELECTs of stream filters, and where the rows of a statement are. What the parser
 * cannot know for certain it refuses; nothing here guesses.
 */
@NullMarked
package dev.shunt.workflow.sql;

import org.jspecify.annotations.NullMarked;
