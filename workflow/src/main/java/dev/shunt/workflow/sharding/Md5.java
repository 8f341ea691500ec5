package dev.shunt.workflow.sharding;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** MD5, which every Java platform has. */
final class Md5 {
  private Md5() {}

  static byte[] of(byte[] bytes) {
    try {
      return MessageDigest.getInstance("MD5").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java platform lacks MD5", e);
    }
  }
}
