package dev.shunt.mysql;

import java.util.Locale;

/**
 * How a connection to a database is protected, in the words of MySQL's clients (MySQL manual,
 * "Command Options for Encrypted Connections"). Files are PEM; they are read with each connection,
 * so that renewed ones are taken.
 *
 * @param mode what is demanded
 * @param ca file with the certificates of authorities that are trusted; empty for those of the JVM
 * @param certificate file with the client's certificate and its chain; empty for none
 * @param key file with the client's private key, as PKCS #8; empty for none
 */
public record Tls(Mode mode, String ca, String certificate, String key) {
  /** MySQL's default: encrypted where the server offers it, and no certificate is looked at. */
  public static final Tls PREFERRED = new Tls(Mode.PREFERRED, "", "", "");

  /** Never encrypted. */
  public static final Tls DISABLED = new Tls(Mode.DISABLED, "", "", "");

  /** What is demanded of a connection. */
  public enum Mode {
    /** It is not encrypted. */
    DISABLED,
    /** It is encrypted if the server offers it. */
    PREFERRED,
    /** It is encrypted, by whomever the server is. */
    REQUIRED,
    /** As REQUIRED, and an authority that is trusted has signed the server's certificate. */
    VERIFY_CA,
    /** As VERIFY_CA, and the certificate is for the host that is connected to. */
    VERIFY_IDENTITY;

    /**
     * A mode by its name; those of MariaDB's driver are understood too.
     *
     * @throws IllegalArgumentException when there is no such mode
     */
    public static Mode of(String name) {
      return switch (name.toUpperCase(Locale.ROOT).replace('-', '_')) {
        case "DISABLED", "DISABLE" -> DISABLED;
        case "PREFERRED", "" -> PREFERRED;
        case "REQUIRED", "TRUST" -> REQUIRED;
        case "VERIFY_CA" -> VERIFY_CA;
        case "VERIFY_IDENTITY", "VERIFY_FULL" -> VERIFY_IDENTITY;
        default ->
            throw new IllegalArgumentException(
                "unknown SSL mode '"
                    + name
                    + "': use DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY");
      };
    }

    boolean demanded() {
      return this != DISABLED && this != PREFERRED;
    }

    boolean verifies() {
      return this == VERIFY_CA || this == VERIFY_IDENTITY;
    }
  }

  /** IllegalArgumentException when parts don't go together. */
  public Tls {
    if (certificate.isEmpty() != key.isEmpty()) {
      throw new IllegalArgumentException(
          "a client's certificate and its key go together: give both files or none");
    }
    if (!ca.isEmpty() && !mode.verifies()) {
      throw new IllegalArgumentException(
          "a file of authorities is looked at with the SSL modes VERIFY_CA and VERIFY_IDENTITY only,"
              + " not with "
              + mode);
    }
  }
}
