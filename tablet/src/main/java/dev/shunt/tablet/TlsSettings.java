package dev.shunt.tablet;

import dev.shunt.mysql.Tls;

/**
 * How the line from a tablet to its database is protected; see {@link Tls}.
 *
 * @param mode {@code DISABLED}, {@code PREFERRED}, {@code REQUIRED}, {@code VERIFY_CA} or {@code
 *     VERIFY_IDENTITY}
 * @param ca PEM file of trusted authorities; empty for those of the JVM
 * @param certificate PEM file of the tablet's own certificate; empty for none
 * @param key PEM file of its private key; empty for none
 */
public record TlsSettings(String mode, String ca, String certificate, String key) {
  public TlsSettings {
    try {
      var unused = new Tls(Tls.Mode.of(mode), ca, certificate, key);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("mysqlTls: " + e.getMessage(), e);
    }
  }

  /** Encrypted where the server offers it, as MySQL's clients do by default. */
  public static TlsSettings preferred() {
    return of(Tls.PREFERRED);
  }

  /** As an endpoint has it. */
  public static TlsSettings of(Tls tls) {
    return new TlsSettings(tls.mode().name(), tls.ca(), tls.certificate(), tls.key());
  }

  /** For an endpoint. */
  public Tls toTls() {
    return new Tls(Tls.Mode.of(mode), ca, certificate, key);
  }
}
