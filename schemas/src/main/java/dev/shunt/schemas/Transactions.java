package dev.shunt.schemas;

import org.apache.kafka.clients.producer.Producer;

/** Transactions of producers, none of which is left open. */
public final class Transactions {
  private Transactions() {}

  /**
   * Writes in a transaction and commits it. One that fails is aborted, as well as that can be done:
   * an open one hides what others write behind it until its timeout is over.
   *
   * @param producer is not to be used again after a failure
   * @param writes sends to that producer; a record that can't be sent fails the commit
   */
  public static void commit(Producer<?, ?> producer, Runnable writes) {
    producer.beginTransaction();
    try {
      writes.run();
      producer.commitTransaction();
    } catch (RuntimeException | Error e) {
      abort(producer, e);
      throw e;
    }
  }

  private static void abort(Producer<?, ?> producer, Throwable why) {
    try {
      producer.abortTransaction();
    } catch (RuntimeException | Error e) {
      if (e != why) { // the first says more
        why.addSuppressed(e);
      }
    }
  }
}
