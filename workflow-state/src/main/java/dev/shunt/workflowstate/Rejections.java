package dev.shunt.workflowstate;

import dev.shunt.schemas.Rejected;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes and logs what says that a record was rejected. */
final class Rejections {
  private static final Logger log = LoggerFactory.getLogger(Rejections.class);
  private static final int MOST_BYTES = 256 * 1024;

  private Rejections() {}

  /**
   * Logs the rejection of a record and returns what says so.
   *
   * @param at when, milliseconds since the epoch
   */
  static Rejected of(
      String topic,
      int partition,
      long offset,
      String reason,
      byte @Nullable [] key,
      byte @Nullable [] value,
      long at) {
    log.atWarn()
        .addKeyValue("topic", topic)
        .addKeyValue("partition", partition)
        .addKeyValue("offset", offset)
        .addKeyValue("reason", reason)
        .log("record rejected");
    return new Rejected(topic, partition, offset, reason, start(key), start(value), at);
  }

  /** Enough to recognise it, and small enough for any topic. */
  private static byte[] start(byte @Nullable [] bytes) {
    return bytes == null ? new byte[0] : Arrays.copyOf(bytes, Math.min(bytes.length, MOST_BYTES));
  }
}
