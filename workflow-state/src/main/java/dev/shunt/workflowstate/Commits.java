package dev.shunt.workflowstate;

import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the commits of one task as {@link CommitPace} says. The interval of Kafka Streams is no
 * part of that: its commits come whenever they come, and an outcome may have to wait for one.
 */
final class Commits {
  private final ProcessorContext<?, ?> context;
  private final CommitPace pace;
  private @Nullable Cancellable reminder;

  Commits(ProcessorContext<?, ?> context, CommitPace pace) {
    this.context = context;
    this.pace = pace;
  }

  /** Asks when it is due, see {@link CommitPace#took}; for every record that a task takes. */
  void took(boolean awaited, long bytes) {
    ask(pace.took(awaited, bytes));
  }

  /** As {@link #took}, for what a task has written though no record came. */
  void wrote(boolean awaited) {
    ask(pace.wrote(awaited, 0));
  }

  private void ask(boolean due) {
    if (due) {
      context.commit();
    } else if (reminder == null) {
      reminder = context.schedule(pace.lookEvery(), PunctuationType.WALL_CLOCK_TIME, _ -> remind());
    }
  }

  private void remind() {
    if (pace.settled()) {
      stop();
    } else if (pace.overdue()) {
      context.commit();
    }
  }

  /** Asks for no more: what Kafka Streams makes anew has its own. */
  void stop() {
    if (reminder != null) {
      reminder.cancel();
      reminder = null;
    }
  }
}
