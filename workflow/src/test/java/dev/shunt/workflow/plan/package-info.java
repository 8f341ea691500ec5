@NullMarked
package dev.shunt.workflow.plan;

import org.jspecify.annotations.NullMarked;
