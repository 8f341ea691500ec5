package dev.shunt.cli.log;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shunt.cli.vtctld.GlobalOptions;
import dev.shunt.cli.vtctld.HasGlobalOptions;
import dev.shunt.schemas.WorkflowKey;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A verb that works on the logs. */
abstract class LogVerb implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec @Nullable CommandSpec spec;

  @Mixin KafkaOptions kafka = new KafkaOptions();

  final PrintWriter out() {
    return spec().commandLine().getOut();
  }

  /** Whether nobody reads on, as behind {@code | head}: a writer itself passes that over. */
  final boolean isReaderGone() {
    return out().checkError();
  }

  final PrintWriter err() {
    return spec().commandLine().getErr();
  }

  final GlobalOptions options() {
    return ((HasGlobalOptions) spec().root().userObject()).globalOptions();
  }

  final ParameterException refuse(String message) {
    return new ParameterException(spec().commandLine(), message);
  }

  /** A workflow's key, null when the text is empty. */
  final @Nullable WorkflowKey key(String text) {
    try {
      return text.isEmpty() ? null : WorkflowKey.parse(text);
    } catch (IllegalArgumentException e) {
      throw refuse(String.valueOf(e.getMessage()));
    }
  }

  /** One line of JSON. */
  static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("not parsed");
    }
    return spec;
  }
}
