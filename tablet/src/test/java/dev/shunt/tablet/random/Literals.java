package dev.shunt.tablet.random;

import java.util.Random;

/** Makes SQL literals, or expressions without columns, for the values of one column. */
@FunctionalInterface
interface Literals {
  String next(Random random);
}
