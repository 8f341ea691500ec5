package dev.shunt.service;

/** What failures that come again and again say, compared. */
public final class Sentences {
  private Sentences() {}

  /** Sentences that differ in their numbers only, such as times and ports, say the same. */
  public static String withoutNumbers(String text) {
    return text.replaceAll("[0-9]+", "#");
  }
}
