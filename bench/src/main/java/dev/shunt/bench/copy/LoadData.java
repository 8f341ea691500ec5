package dev.shunt.bench.copy;

import dev.shunt.bench.server.Instance;
import dev.shunt.bench.server.Loader;

/**
 * LOAD DATA of files that are ready on the server's disk: how fast the server takes rows when
 * nobody has to read them first.
 */
record LoadData(Instance target, Loader loader) implements CopyWay {
  static final String PREFIX = "load_data_";

  @Override
  public String name() {
    return PREFIX + loader.streams() + (loader.deferKeys() ? "_keys_deferred" : "_keys_kept");
  }

  @Override
  public void copy() throws Exception {
    loader.load(target);
  }
}
