/**
 * The domain of moving tables: values and pure functions. Packages below this one must not do I/O,
 * read a clock, draw random numbers or start threads; what they decide is carried out elsewhere.
 */
@NullMarked
package dev.shunt.workflow;

import org.jspecify.annotations.NullMarked;
