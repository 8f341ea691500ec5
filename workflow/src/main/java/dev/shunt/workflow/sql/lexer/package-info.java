/**
 * Cuts MySQL statements into tokens without understanding them. Knows no grammar: for what must
 * work on any text, and for keeping the text as it was written.
 */
@NullMarked
package dev.shunt.workflow.sql.lexer;

import org.jspecify.annotations.NullMarked;
