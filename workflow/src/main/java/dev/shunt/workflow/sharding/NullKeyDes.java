package dev.shunt.workflow.sharding;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * One block of DES under a key of zeros: a fixed permutation of 64-bit numbers, used as a hash. It
 * equals Triple-DES under a key of zeros, which is how Vitess describes it.
 */
final class NullKeyDes {
  // A Cipher holds state between calls and may not be shared; making one costs more than a block.
  private static final ThreadLocal<Cipher> CIPHER = ThreadLocal.withInitial(NullKeyDes::cipher);

  private NullKeyDes() {}

  static byte[] encrypt(long block) {
    try {
      return CIPHER.get().doFinal(Integers.bigEndian(block));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("DES failed on a whole block", e);
    }
  }

  private static Cipher cipher() {
    try {
      Cipher cipher = Cipher.getInstance("DES/ECB/NoPadding");
      cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(new byte[8], "DES"));
      return cipher;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java platform lacks DES", e);
    }
  }
}
