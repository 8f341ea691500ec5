@NullMarked
package dev.shunt.workflow.sql;

import org.jspecify.annotations.NullMarked;
