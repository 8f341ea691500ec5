package dev.shunt.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RoundRobinPartitioner;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TransactionsTest {
  private final MockProducer<String, String> producer =
      new MockProducer<>(
          true, new RoundRobinPartitioner(), new StringSerializer(), new StringSerializer());

  @BeforeEach
  void init() {
    producer.initTransactions();
  }

  private void send(String value) {
    var unused = producer.send(new ProducerRecord<>("t", value));
  }

  @Test
  void commitsWhatIsWritten() {
    Transactions.commit(producer, () -> send("a"));

    assertThat(producer.history()).extracting(ProducerRecord::value).containsExactly("a");
    assertThat(producer.transactionInFlight()).isFalse();
  }

  @Test
  void abortsWhatCannotBeCommitted() {
    KafkaException why = new KafkaException("no");
    producer.commitTransactionException = why;

    assertThatThrownBy(() -> Transactions.commit(producer, () -> send("a"))).isSameAs(why);

    assertThat(producer.transactionAborted()).isTrue();
    assertThat(producer.history()).isEmpty();
  }

  @Test
  void abortsWhatCannotBeWritten() {
    StackOverflowError why = new StackOverflowError();

    assertThatThrownBy(() ->
            Transactions.commit(
                producer,
                () -> {
                  send("a");
                  throw why;
                }))
        .isSameAs(why);

    assertThat(producer.transactionAborted()).isTrue();
  }

  @Test
  void saysWhyItWasToBeAbortedThoughThatFailsToo() {
    KafkaException why = new KafkaException("no");
    producer.commitTransactionException = why;
    producer.abortTransactionException = new KafkaException("nor that");

    assertThatThrownBy(() -> Transactions.commit(producer, () -> send("a")))
        .isSameAs(why)
        .hasSuppressedException(producer.abortTransactionException);
  }

  @Test
  void bearsAProducerThatFailsWithTheSameExceptionTwice() {
    KafkaException why = new KafkaException("no");
    producer.commitTransactionException = why;
    producer.abortTransactionException = why;

    assertThatThrownBy(() -> Transactions.commit(producer, () -> send("a"))).isSameAs(why);
  }
}
