@NullMarked
package dev.shunt.workflowstate;

import org.jspecify.annotations.NullMarked;
