package dev.shunt.workflow.sharding;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A key whose bytes are several components one behind the other. Without a hash the key is its own
 * keyspace id, else the hashes of the components, each cut to the component's length.
 *
 * @param hash hashes a component
 * @param offsets where components end, ascending; the rest is the last one. Unused without a hash
 */
record CompositeKey(HashFunction hash, List<Integer> offsets) implements Vindex {
  /** How components are hashed. */
  enum HashFunction {
    NONE,
    MD5,
    XXHASH64;

    byte[] of(byte[] component) {
      byte[] hash =
          switch (this) {
            case NONE -> component;
            case MD5 -> Md5.of(component);
            case XXHASH64 -> Integers.bigEndian(Long.reverseBytes(Xxh64.hash(component)));
          };
      return component.length < hash.length ? Arrays.copyOf(hash, component.length) : hash;
    }
  }

  CompositeKey {
    offsets = List.copyOf(offsets);
  }

  @Override
  public String type() {
    return "cfc";
  }

  @Override
  public int cost() {
    return 1;
  }

  @Override
  public byte[] map(byte @Nullable [] value) {
    byte[] key = Integers.notNull(type(), value);
    if (hash == HashFunction.NONE) {
      return key.clone();
    }
    if (key.length < offsets.getLast()) {
      throw new UnmappableValueException(
          type(), "value has " + key.length + " bytes, it needs " + offsets.getLast());
    }
    Bytes id = new Bytes();
    int from = 0;
    for (int to : offsets) {
      add(id, Arrays.copyOfRange(key, from, to));
      from = to;
    }
    if (from < key.length) {
      add(id, Arrays.copyOfRange(key, from, key.length));
    }
    return id.toByteArray();
  }

  private void add(Bytes id, byte[] component) {
    byte[] hashed = hash.of(component);
    id.write(hashed, hashed.length);
  }
}
