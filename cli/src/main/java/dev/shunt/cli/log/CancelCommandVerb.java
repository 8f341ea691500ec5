package dev.shunt.cli.log;

import dev.shunt.schemas.CommandCancel;
import dev.shunt.schemas.CommandHeader;
import java.util.function.Function;
import picocli.CommandLine.Command;

/** Takes back a command that has not ended. */
abstract class CancelCommandVerb extends OpenCommandVerb {
  abstract boolean abandons();

  @Override
  final Function<CommandHeader, dev.shunt.schemas.Command> command() {
    return header -> new CommandCancel(header, target, abandons());
  }

  /** {@code commands cancel}. */
  @Command(
      name = "cancel",
      description = "Takes back a command that waits for others of its workflow.")
  static final class Cancel extends CancelCommandVerb {
    @Override
    boolean abandons() {
      return false;
    }
  }

  /** {@code commands abandon}. */
  @Command(
      name = "abandon",
      description =
          "Ends a command that can't go on, where it is: a write pause is ended first if that can be"
              + " done; what else it has done stays. The next switch, cancel or complete of the"
              + " workflow takes it from there. For use when what it waits for will not come.")
  static final class Abandon extends CancelCommandVerb {
    @Override
    boolean abandons() {
      return true;
    }
  }
}
