package dev.shunt.tablet.vreplication.writing;

/** Order of two texts of a collation. */
@FunctionalInterface
public interface TextOrder {
  /**
   * Compares two texts.
   *
   * @param collation its number
   * @return negative, zero or positive, as {@link java.util.Comparator}
   */
  int compare(int collation, byte[] a, byte[] b);
}
