@NullMarked
package dev.shunt.workflow.lifecycle;

import org.jspecify.annotations.NullMarked;
