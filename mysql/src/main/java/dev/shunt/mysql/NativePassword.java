package dev.shunt.mysql;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The answer of mysql_native_password: SHA1(p) xor SHA1(scramble, SHA1(SHA1(p))). */
final class NativePassword {
  static final String NAME = "mysql_native_password";

  private NativePassword() {}

  static byte[] answer(Password password, byte[] scramble) {
    if (password.reveal().isEmpty()) {
      return new byte[0];
    }
    MessageDigest sha1 = digest("SHA-1");
    byte[] once = sha1.digest(password.reveal().getBytes(StandardCharsets.UTF_8));
    byte[] twice = sha1.digest(once);
    sha1.update(scramble);
    return xor(once, sha1.digest(twice));
  }

  static byte[] xor(byte[] left, byte[] right) {
    byte[] result = new byte[left.length];
    for (int i = 0; i < left.length; i++) {
      result[i] = (byte) (left[i] ^ right[i % right.length]);
    }
    return result;
  }

  static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("each JDK has " + algorithm, e);
    }
  }
}
