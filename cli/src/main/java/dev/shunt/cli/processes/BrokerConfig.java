package dev.shunt.cli.processes;

/**
 * Settings of a Kafka broker of one node, for trying things out.
 *
 * @param port port on 127.0.0.1; 0 for any free one
 * @param directory where its data is kept
 */
record BrokerConfig(int port, String directory) {
  BrokerConfig {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port must be 0 to 65535, not " + port);
    }
    if (directory.isBlank()) {
      throw new IllegalArgumentException("directory is empty: name one for the data");
    }
    if (directory.contains(",")) {
      throw new IllegalArgumentException(
          "directory has a ',' in its path, where Kafka takes several folders to be named");
    }
  }

  /** Kafka's usual port, data below the temporary folder. */
  static BrokerConfig defaults() {
    return new BrokerConfig(9092, System.getProperty("java.io.tmpdir") + "/shunt-broker");
  }
}
