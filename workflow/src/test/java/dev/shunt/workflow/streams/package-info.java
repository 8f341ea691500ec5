@NullMarked
package dev.shunt.workflow.streams;

import org.jspecify.annotations.NullMarked;
