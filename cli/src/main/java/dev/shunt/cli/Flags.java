package dev.shunt.cli;

import dev.shunt.cli.vtctld.Reads;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Leaves of the flags that may stand anywhere only those that a verb reads ({@link Reads}). */
final class Flags {
  private static final Set<String> ALL = all();

  private Flags() {}

  private static Set<String> all() {
    Set<String> all = new TreeSet<>();
    for (Reads.Group group : Reads.Group.values()) {
      all.addAll(group.flags());
    }
    return all;
  }

  /** Removes the flags that a verb does not read from it; a group of verbs has those of each. */
  static void keepWhatIsRead(CommandLine root) {
    new HashSet<>(root.getSubcommands().values()).forEach(Flags::prune);
  }

  private static Set<String> prune(CommandLine line) {
    CommandSpec spec = line.getCommandSpec();
    Set<String> read = new HashSet<>();
    new HashSet<>(line.getSubcommands().values()).forEach(below -> read.addAll(prune(below)));
    if (spec.userObject() != null) {
      Reads reads = spec.userObject().getClass().getAnnotation(Reads.class);
      if (reads != null) {
        Arrays.stream(reads.value()).forEach(group -> read.addAll(group.flags()));
      }
    }
    for (OptionSpec option : List.copyOf(spec.options())) {
      if (ALL.contains(option.longestName()) && !read.contains(option.longestName())) {
        CommandSpec unused = spec.remove(option);
      }
    }
    return read;
  }

  /** Refuses a flag in front of a verb that does not read it. */
  static void refuseUnread(ParseResult parsed) {
    ParseResult verb = parsed;
    while (verb.hasSubcommand()) {
      verb = verb.subcommand();
    }
    for (ParseResult at = parsed; at != verb; at = at.subcommand()) {
      for (OptionSpec given : at.matchedOptions()) {
        String flag = given.longestName();
        if (ALL.contains(flag) && verb.commandSpec().findOption(flag) == null) {
          throw new ParameterException(verb.commandSpec().commandLine(), unread(flag, verb));
        }
      }
    }
  }

  private static String unread(String flag, ParseResult verb) {
    return sentence(flag, verb.commandSpec());
  }

  /** Whether it is a flag that other verbs read. */
  static boolean isOfOthers(String word) {
    return ALL.contains(word.split("=", 2)[0]);
  }

  /** Why a flag is not taken. */
  static String sentence(String flag, CommandSpec verb) {
    return "%s has no effect on '%s'".formatted(flag.split("=", 2)[0], path(verb));
  }

  /** The words that lead to a verb, without the program's name. */
  static String path(CommandSpec verb) {
    String whole = verb.qualifiedName();
    int blank = whole.indexOf(' ');
    return blank < 0 ? whole : whole.substring(blank + 1);
  }
}
