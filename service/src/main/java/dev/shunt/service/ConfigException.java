package dev.shunt.service;

/** A configuration that can't be used; the message names the key. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a sentence that names the key. */
  public ConfigException(String message) {
    super(message);
  }

  /** Makes one with its cause. */
  public ConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
