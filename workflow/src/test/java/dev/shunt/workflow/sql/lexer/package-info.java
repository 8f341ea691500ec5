@NullMarked
package dev.shunt.workflow.sql.lexer;

import org.jspecify.annotations.NullMarked;
