/**
 * {@code bench copy}: Shunt's online copy beside other ways of getting the same tables from one
 * server to another, in one run on the same servers.
 */
@NullMarked
package dev.shunt.bench.copy;

import org.jspecify.annotations.NullMarked;
