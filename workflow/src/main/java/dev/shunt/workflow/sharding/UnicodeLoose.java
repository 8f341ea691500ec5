package dev.shunt.workflow.sharding;

import org.jspecify.annotations.Nullable;

/**
 * Hash of a text's collation key, so that texts that differ in case, accents and trailing spaces
 * alone go together.
 *
 * @param md5 whether the hash is MD5 rather than XXH64
 */
record UnicodeLoose(boolean md5) implements Vindex {
  @Override
  public String type() {
    return md5 ? "unicode_loose_md5" : "unicode_loose_xxhash";
  }

  @Override
  public int cost() {
    return 1;
  }

  @Override
  public byte[] map(byte @Nullable [] value) {
    byte[] key = LooseCollation.key(type(), Integers.notNull(type(), value));
    return md5 ? Md5.of(key) : Integers.bigEndian(Long.reverseBytes(Xxh64.hash(key)));
  }
}
