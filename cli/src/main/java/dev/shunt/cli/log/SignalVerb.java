package dev.shunt.cli.log;

import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.CommandSignal;
import dev.shunt.schemas.SignalKind;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code commands signal}. */
@Command(
    name = "signal",
    description =
        "Speaks to a command that is carried out: stop, pause, resume or retune a diff. It succeeds"
            + " when the command has taken the signal.")
final class SignalVerb extends OpenCommandVerb {
  @Parameters(index = "1", paramLabel = "SIGNAL", description = "stop, pause, resume or retune.")
  String signal = "";

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description =
          "What retune changes: rows_per_second, how many rows of both sides are compared a"
              + " second, 0 for no limit.")
  Map<String, String> settings = new LinkedHashMap<>();

  @Override
  Function<CommandHeader, dev.shunt.schemas.Command> command() {
    SignalKind kind = kind();
    return header -> new CommandSignal(header, target, kind, settings);
  }

  private SignalKind kind() {
    for (SignalKind kind : SignalKind.values()) {
      if (kind != SignalKind.UNKNOWN && kind.name().equals(signal.toUpperCase(Locale.ROOT))) {
        return kind;
      }
    }
    throw refuse("there is no signal " + signal + ": use stop, pause, resume or retune");
  }
}
