package dev.shunt.cli;

import dev.shunt.cli.bench.BenchCommand;
import dev.shunt.cli.check.CheckCommand;
import dev.shunt.cli.cluster.CellVerbs;
import dev.shunt.cli.cluster.KeyspaceVerbs;
import dev.shunt.cli.cluster.LockVerbs;
import dev.shunt.cli.cluster.ServingVerbs;
import dev.shunt.cli.cluster.TabletVerbs;
import dev.shunt.cli.local.DemoCommand;
import dev.shunt.cli.local.UpCommand;
import dev.shunt.cli.log.Audit;
import dev.shunt.cli.log.CommandVerbs;
import dev.shunt.cli.log.WorkflowStateVerbs;
import dev.shunt.cli.processes.ServiceCommand;
import dev.shunt.cli.vdiff.VDiffCommand;
import dev.shunt.cli.vtctld.GlobalOptions;
import dev.shunt.cli.vtctld.HasGlobalOptions;
import dev.shunt.cli.workflows.GetWorkflowsVerb;
import dev.shunt.cli.workflows.MoveTables;
import dev.shunt.cli.workflows.Reshard;
import dev.shunt.cli.workflows.WorkflowCommand;
import dev.shunt.service.LibraryLog;
import dev.shunt.service.Redaction;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.logging.LogManager;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ScopeType;

/** The {@code shunt} command. */
@Command(
    name = "shunt",
    description = "Moves MySQL tables and shards while they are in use.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    version = "shunt 0.1.0",
    synopsisSubcommandLabel = "COMMAND")
public final class Shunt implements HasGlobalOptions {
  /** In the order of the help. */
  private static final List<Class<?>> VERBS =
      List.of(
          MoveTables.class,
          Reshard.class,
          VDiffCommand.class,
          WorkflowCommand.class,
          GetWorkflowsVerb.class,
          CellVerbs.Add.class,
          CellVerbs.Update.class,
          CellVerbs.Delete.class,
          CellVerbs.Names.class,
          CellVerbs.Get.class,
          KeyspaceVerbs.Create.class,
          KeyspaceVerbs.All.class,
          KeyspaceVerbs.Get.class,
          KeyspaceVerbs.CreateShard.class,
          KeyspaceVerbs.GetShard.class,
          KeyspaceVerbs.SetShardTabletControl.class,
          KeyspaceVerbs.Shards.class,
          TabletVerbs.ListTablets.class,
          TabletVerbs.Get.class,
          TabletVerbs.Refresh.class,
          TabletVerbs.Schema.class,
          ServingVerbs.ApplyVSchema.class,
          ServingVerbs.GetVSchema.class,
          ServingVerbs.GetSrvVSchema.class,
          ServingVerbs.GetSrvVSchemas.class,
          ServingVerbs.GetSrvKeyspaces.class,
          ServingVerbs.ApplyRoutingRules.class,
          ServingVerbs.GetRoutingRules.class,
          ServingVerbs.ApplyShardRoutingRules.class,
          ServingVerbs.GetShardRoutingRules.class,
          ServingVerbs.RebuildVSchemaGraph.class,
          ServingVerbs.RebuildKeyspaceGraph.class,
          LockVerbs.class,
          CommandVerbs.class,
          WorkflowStateVerbs.class,
          Audit.class,
          ServiceCommand.class,
          CheckCommand.class,
          UpCommand.class,
          DemoCommand.class,
          BenchCommand.class);

  /** Read by logback.xml. */
  private static final String LOG_LEVEL = "shunt.log.level";

  @Mixin private final GlobalOptions options = new GlobalOptions();

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    // SQL and what is printed have the digits 0 to 9 wherever one lives.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    if (!List.of(arguments).contains("service")) {
      // What a library logs there (gRPC of a host that it can't find) a verb says in its one line.
      LogManager.getLogManager().reset();
    } else {
      if (System.getProperty(LOG_LEVEL) == null) {
        System.setProperty(LOG_LEVEL, "INFO");
      }
      LibraryLog.takeOver();
    }
    System.exit(commandLine(arguments).execute(arguments));
  }

  /**
   * The command line for these arguments, ready to execute; verbs and enum values match without
   * regard to case. Where the arguments begin with a verb it knows that one alone, else all: to
   * read the options of all verbs takes longer than most verbs do.
   */
  public static CommandLine commandLine(String... arguments) {
    CommandLine commandLine = new Line();
    named(arguments).forEach(commandLine::addSubcommand);
    commandLine.setSubcommandsCaseInsensitive(true);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    Flags.keepWhatIsRead(commandLine);
    commandLine.setExecutionExceptionHandler(new FailurePrinter());
    commandLine.setExecutionStrategy(parsed -> {
      if (!CommandLine.printHelpIfRequested(parsed)) {
        Flags.refuseUnread(parsed);
        try {
          return new CommandLine.RunLast().execute(parsed);
        } finally {
          parsed.asCommandLineList().forEach(line -> line.getOut().flush());
        }
      }
      return CommandLine.ExitCode.OK;
    });
    commandLine.setParameterExceptionHandler((refused, unused) ->
        say(refused.getCommandLine(), CommandLine.ExitCode.SOFTWARE, sentence(refused)));
    return commandLine;
  }

  /** The verb that the arguments begin with, else all of them. */
  private static List<Class<?>> named(String... arguments) {
    if (arguments.length == 0) {
      return VERBS;
    }
    List<Class<?>> named = VERBS.stream().filter(verb -> isNamed(verb, arguments[0])).toList();
    return named.isEmpty() ? VERBS : named;
  }

  private static boolean isNamed(Class<?> verb, String word) {
    Command command = Objects.requireNonNull(verb.getAnnotation(Command.class));
    return command.name().equalsIgnoreCase(word)
        || Stream.of(command.aliases()).anyMatch(word::equalsIgnoreCase);
  }

  private static String sentence(CommandLine.ParameterException refused) {
    if (refused instanceof CommandLine.UnmatchedArgumentException unmatched) {
      String first = unmatched.getUnmatched().getFirst();
      if (Flags.isOfOthers(first)) {
        return Flags.sentence(first, refused.getCommandLine().getCommandSpec());
      }
    }
    return WrongValue.sentence(refused);
  }

  private static int say(CommandLine line, int exitCode, String sentence) {
    line.getErr().println("Error: " + Redaction.of(sentence));
    line.getErr().flush();
    return exitCode;
  }

  /** A command line that knows which verbs are missing. */
  private static final class Line extends CommandLine {
    Line() {
      super(new Shunt());
    }

    @Override
    public int execute(String... words) {
      Optional<VitessVerbs.Wrong> wrong = VitessVerbs.look(this, words);
      return wrong.isPresent()
          ? say(this, wrong.get().exitCode(), wrong.get().sentence())
          : super.execute(words);
    }
  }

  @Override
  public GlobalOptions globalOptions() {
    return options;
  }
}
