package dev.shunt.service;

import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * What libraries log by the logging of the JDK (gRPC does) goes where our own log goes, in one line
 * as that does. A trace goes along with what is severe only: what is not is logged for its
 * sentence.
 */
public final class LibraryLog extends Handler {
  private static final Formatter WORDING = new SimpleFormatter();

  private LibraryLog() {}

  /** Takes the place of what the JDK prints to the error stream. */
  public static void takeOver() {
    LogManager.getLogManager().reset();
    java.util.logging.Logger.getLogger("").addHandler(new LibraryLog());
  }

  @Override
  public void publish(LogRecord line) {
    if (line.getLevel().intValue() < Level.WARNING.intValue()) {
      return;
    }
    Logger log =
        LoggerFactory.getLogger(line.getLoggerName() == null ? "library" : line.getLoggerName());
    boolean severe = line.getLevel().intValue() >= Level.SEVERE.intValue();
    String text = WORDING.formatMessage(line);
    if (severe) {
      log.atError().setCause(line.getThrown()).log("{}", text);
    } else {
      Throwable thrown = line.getThrown();
      LoggingEventBuilder warning = log.atWarn();
      if (thrown != null) {
        warning = warning.addKeyValue("reason", Words.of(thrown));
      }
      warning.log("{}", text);
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
