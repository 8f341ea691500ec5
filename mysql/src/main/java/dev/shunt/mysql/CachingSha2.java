package dev.shunt.mysql;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import javax.crypto.Cipher;

/**
 * caching_sha2_password: a short answer where the server has the account in its cache, else the
 * password itself, encrypted with the server's public key.
 */
final class CachingSha2 {
  static final String NAME = "caching_sha2_password";

  /** Sent by the server after the short answer. */
  static final int FAST_SUCCESS = 3;

  static final int FULL_AUTHENTICATION = 4;

  /** Sent by the client to get the public key. */
  static final int KEY_REQUEST = 2;

  private CachingSha2() {}

  /** SHA256(p) xor SHA256(SHA256(SHA256(p)), scramble). */
  static byte[] answer(Password password, byte[] scramble) {
    if (password.reveal().isEmpty()) {
      return new byte[0];
    }
    MessageDigest sha256 = NativePassword.digest("SHA-256");
    byte[] once = sha256.digest(password.reveal().getBytes(StandardCharsets.UTF_8));
    byte[] twice = sha256.digest(once);
    sha256.update(twice);
    return NativePassword.xor(once, sha256.digest(scramble));
  }

  /** The password, ended by a zero and masked by the scramble, under the server's RSA key. */
  static byte[] encrypted(Password password, byte[] scramble, String pem) {
    String key = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
    byte[] plain = (password.reveal() + "\0").getBytes(StandardCharsets.UTF_8);
    try {
      PublicKey publicKey =
          KeyFactory.getInstance("RSA")
              .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(key)));
      Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
      cipher.init(Cipher.ENCRYPT_MODE, publicKey);
      return cipher.doFinal(NativePassword.xor(plain, scramble));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw MysqlException.client(
          MysqlException.AUTHENTICATION, "the server's public key can't be used", e);
    }
  }
}
