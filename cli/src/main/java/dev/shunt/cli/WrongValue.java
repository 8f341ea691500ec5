package dev.shunt.cli;

import dev.shunt.service.Words;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** What is wrong with the words of a command line, without the parser's talk of classes. */
final class WrongValue {
  private WrongValue() {}

  /** One sentence. */
  static String sentence(ParameterException refused) {
    ArgSpec argument = refused.getArgSpec();
    String value = refused.getValue();
    if (argument == null || value == null) {
      return Words.of(refused);
    }
    return "%s: '%s' is not %s".formatted(name(argument), value, expected(refused, argument));
  }

  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
  }

  private static String expected(ParameterException refused, ArgSpec argument) {
    Class<?> type = elementType(argument);
    if (type == Duration.class) {
      return "a duration: write 30s, 250ms or 1h30m";
    }
    if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
      return "a whole number";
    }
    if (type == double.class || type == Double.class) {
      return "a number";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type.isEnum()) {
      return "one of "
          + Stream.of(type.getEnumConstants())
              .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
              .collect(Collectors.joining(", "));
    }
    if (Map.class.isAssignableFrom(argument.type())) {
      return "of the form " + shape(argument);
    }
    if (type == Path.class) {
      return "a path";
    }
    return "what is expected here: " + Words.of(reason(refused));
  }

  private static String shape(ArgSpec argument) {
    String label = argument.paramLabel();
    return label.contains("=") ? label : "KEY=VALUE";
  }

  private static Class<?> elementType(ArgSpec argument) {
    Class<?>[] inner = argument.auxiliaryTypes();
    return inner.length == 1 && !argument.type().isPrimitive() ? inner[0] : argument.type();
  }

  private static Throwable reason(ParameterException refused) {
    @Nullable Throwable cause = refused.getCause();
    return cause == null || cause instanceof TypeConversionException ? refused : cause;
  }
}
