package dev.shunt.mysql;

/** The password of a database account; printing it shows stars. */
public final class Password {
  private final String text;

  private Password(String text) {
    this.text = text;
  }

  /** An empty text means that the account has no password. */
  public static Password of(String text) {
    return new Password(text);
  }

  /** The password itself, for the one place that sends it. */
  public String reveal() {
    return text;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Password password && password.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return "***";
  }
}
