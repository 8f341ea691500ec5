package dev.shunt.saga;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/** What a class logs at INFO and above until this is closed. */
final class LogLines implements AutoCloseable {
  private final ListAppender<ILoggingEvent> appender = new ListAppender<>();
  private final Logger logger;

  LogLines(Class<?> of) {
    logger = (Logger) LoggerFactory.getLogger(of);
    logger.setLevel(Level.INFO);
    appender.start();
    logger.addAppender(appender);
  }

  /** Each line as level, message, and where it is about which service and which Kafka. */
  List<String> said() {
    List<ILoggingEvent> events;
    synchronized (appender) { // as who appends does
      events = List.copyOf(appender.list);
    }
    return events.stream()
        .map(event ->
            event.getKeyValuePairs().stream()
                .filter(pair -> pair.key.equals("service") || pair.key.equals("kafka"))
                .map(KeyValuePair::toString)
                .collect(
                    Collectors.joining(
                        " ", event.getLevel() + " " + event.getFormattedMessage() + " ", "")))
        .toList();
  }

  /** How many lines had a stack trace. */
  long traces() {
    synchronized (appender) {
      return appender.list.stream().filter(event -> event.getThrowableProxy() != null).count();
    }
  }

  @Override
  public void close() {
    logger.detachAppender(appender);
    logger.setLevel(null);
  }
}
