@NullMarked
package dev.shunt.workflow.sharding;

import org.jspecify.annotations.NullMarked;
