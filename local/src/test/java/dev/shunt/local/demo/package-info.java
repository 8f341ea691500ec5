/** Tests of the demo and of its own checks. */
@NullMarked
package dev.shunt.local.demo;

import org.jspecify.annotations.NullMarked;
