package dev.shunt.client;

import org.apache.kafka.common.KafkaException;

/** Kafka did not confirm that it has a command. */
public final class SendException extends KafkaException {
  private static final long serialVersionUID = 1L;

  private final boolean perhapsSent;

  SendException(boolean perhapsSent, KafkaException cause) {
    super(
        (perhapsSent
                ? "Kafka did not confirm the command, which may have been sent: "
                : "Kafka does not answer, nothing was sent: ")
            + cause.getMessage(),
        cause);
    this.perhapsSent = perhapsSent;
  }

  /** False when it is sure that the command did not get there. */
  public boolean perhapsSent() {
    return perhapsSent;
  }
}
