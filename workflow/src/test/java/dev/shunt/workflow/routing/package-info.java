@NullMarked
package dev.shunt.workflow.routing;

import org.jspecify.annotations.NullMarked;
