package dev.shunt.workflow.sharding;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** XXH64 with seed 0, by its specification (github.com/Cyan4973/xxHash, doc/xxhash_spec.md). */
final class Xxh64 {
  private static final long PRIME1 = 0x9E3779B185EBCA87L;
  private static final long PRIME2 = 0xC2B2AE3D27D4EB4FL;
  private static final long PRIME3 = 0x165667B19E3779F9L;
  private static final long PRIME4 = 0x85EBCA77C2B2AE63L;
  private static final long PRIME5 = 0x27D4EB2F165667C5L;

  /** Modulo 2^64. */
  private static final long PRIME1_PLUS_PRIME2 = 0x60EA27EEADC0B5D6L;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private Xxh64() {}

  static long hash(byte[] input) {
    int at = 0;
    long hash;
    if (input.length >= 32) {
      long lane1 = PRIME1_PLUS_PRIME2;
      long lane2 = PRIME2;
      long lane3 = 0;
      long lane4 = -PRIME1;
      for (; at <= input.length - 32; at += 32) {
        lane1 = round(lane1, (long) LONGS.get(input, at));
        lane2 = round(lane2, (long) LONGS.get(input, at + 8));
        lane3 = round(lane3, (long) LONGS.get(input, at + 16));
        lane4 = round(lane4, (long) LONGS.get(input, at + 24));
      }
      hash =
          Long.rotateLeft(lane1, 1)
              + Long.rotateLeft(lane2, 7)
              + Long.rotateLeft(lane3, 12)
              + Long.rotateLeft(lane4, 18);
      hash = merge(merge(merge(merge(hash, lane1), lane2), lane3), lane4);
    } else {
      hash = PRIME5;
    }
    hash += input.length;
    for (; at <= input.length - 8; at += 8) {
      hash ^= round(0, (long) LONGS.get(input, at));
      hash = Long.rotateLeft(hash, 27) * PRIME1 + PRIME4;
    }
    if (at <= input.length - 4) {
      hash ^= ((int) INTS.get(input, at) & 0xFFFFFFFFL) * PRIME1;
      hash = Long.rotateLeft(hash, 23) * PRIME2 + PRIME3;
      at += 4;
    }
    for (; at < input.length; at++) {
      hash ^= (input[at] & 0xFF) * PRIME5;
      hash = Long.rotateLeft(hash, 11) * PRIME1;
    }
    return avalanche(hash);
  }

  private static long round(long lane, long input) {
    return Long.rotateLeft(lane + input * PRIME2, 31) * PRIME1;
  }

  private static long merge(long hash, long lane) {
    return (hash ^ round(0, lane)) * PRIME1 + PRIME4;
  }

  private static long avalanche(long hash) {
    long mixed = (hash ^ (hash >>> 33)) * PRIME2;
    mixed = (mixed ^ (mixed >>> 29)) * PRIME3;
    return mixed ^ (mixed >>> 32);
  }
}
