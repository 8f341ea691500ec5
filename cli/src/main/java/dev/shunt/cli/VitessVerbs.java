package dev.shunt.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What to say of a word that stands where a verb should: one of Vitess's, or none at all. */
final class VitessVerbs {
  /** Exit code for a verb of Vitess that is not there yet. */
  static final int NOT_SERVED = 2;

  /** An action of vtctldclient's movetables (Vitess 24). */
  private static final String MIRROR = "mirrortraffic";

  /** Names of vtctldclient's commands (Vitess 24). */
  private static final Set<String> KNOWN =
      lowerCase(
          "AddCellsAlias ApplyKeyspaceRoutingRules ApplySchema Backup BackupShard ChangeTabletTags"
              + " ChangeTabletType CheckThrottler CopySchemaShard DeleteCellsAlias DeleteKeyspace"
              + " DeleteShards DeleteSrvVSchema DeleteTablets DistributedTransaction"
              + " EmergencyReparentShard ExecuteFetchAsApp ExecuteFetchAsDBA ExecuteHook"
              + " ExecuteMultiFetchAsDBA FindAllShardsInKeyspace GenerateShardRanges GetBackups"
              + " GetCellsAliases GetFullStatus GetKeyspaceRoutingRules GetMirrorRules GetPermissions"
              + " GetShardReplication GetSrvKeyspaceNames GetTabletVersion GetThrottlerStatus"
              + " GetTopologyPath LegacyVtctlCommand LookupVindex Materialize Migrate Mount OnlineDDL"
              + " PingTablet PlannedReparentShard RefreshStateByShard ReloadSchema"
              + " ReloadSchemaKeyspace ReloadSchemaShard RemoveBackup RemoveKeyspaceCell"
              + " RemoveShardCell ReparentTablet RestoreFromBackup RunHealthCheck"
              + " SetKeyspaceDurabilityPolicy SetShardIsPrimaryServing"
              + " SetVtorcEmergencyReparent SetWritable ShardReplicationFix"
              + " ShardReplicationPositions SleepTablet SourceShardAdd SourceShardDelete"
              + " StartReplication StopReplication TabletExternallyReparented UpdateCellsAlias"
              + " UpdateThrottlerConfig Validate ValidateKeyspace ValidatePermissionsKeyspace"
              + " ValidatePermissionsShard ValidateSchemaKeyspace ValidateSchemaShard ValidateShard"
              + " ValidateVersionKeyspace ValidateVersionShard VExec WriteTopologyPath");

  private VitessVerbs() {}

  private static Set<String> lowerCase(String names) {
    return new TreeSet<>(Arrays.asList(names.toLowerCase(Locale.ROOT).split(" ")));
  }

  /**
   * What is wrong with the first words of a command line.
   *
   * @param exitCode 2 for a verb of Vitess that is not there yet, 1 for a word that is no verb
   * @param sentence for people
   */
  record Wrong(int exitCode, String sentence) {}

  /** Follows the verbs of a command line as far as there are some. */
  static Optional<Wrong> look(CommandLine root, String... words) {
    CommandLine at = root;
    for (int i = 0; i < words.length && !at.getSubcommands().isEmpty(); i++) {
      String word = words[i];
      if (word.startsWith("-")) {
        i += takesNext(at.getCommandSpec(), word) ? 1 : 0;
        continue;
      }
      CommandLine next = at.getSubcommands().get(word);
      if (next == null) {
        return Optional.of(wrong(at, word));
      }
      at = next;
    }
    return Optional.empty();
  }

  private static boolean takesNext(CommandSpec spec, String word) {
    OptionSpec option = spec.findOption(word);
    return option != null && option.arity().min() > 0;
  }

  private static Wrong wrong(CommandLine at, String word) {
    CommandSpec spec = at.getCommandSpec();
    String before = spec.parent() == null ? "" : Flags.path(spec) + " ";
    String lower = word.toLowerCase(Locale.ROOT);
    if (before.isEmpty()
        ? KNOWN.contains(lower)
        : before.equals("movetables ") && lower.equals(MIRROR)) {
      return new Wrong(NOT_SERVED, "not there yet: " + before + lower + helps(before));
    }
    List<String> verbs = new ArrayList<>();
    at.getSubcommands()
        .forEach((name, verb) -> {
          if (!verb.getCommandSpec().usageMessage().hidden()) {
            verbs.add(name);
          }
        });
    String nearest =
        verbs.stream().min(Comparator.comparingInt(verb -> distance(lower, verb))).orElse("--help");
    return new Wrong(
        CommandLine.ExitCode.SOFTWARE,
        "no verb '%s%s'; the nearest is '%s%s'%s"
            .formatted(before, word, before, nearest, helps(before)));
  }

  private static String helps(String before) {
    return "; `shunt " + before + "--help` lists what there is";
  }

  /** How many letters must be put in, taken out or changed to make one word of the other. */
  static int distance(String one, String other) {
    int[] above = new int[other.length() + 1];
    Arrays.setAll(above, i -> i);
    for (int i = 1; i <= one.length(); i++) {
      int[] row = new int[other.length() + 1];
      row[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int changed = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(above[j - 1] + changed, 1 + Math.min(above[j], row[j - 1]));
      }
      above = row;
    }
    return above[other.length()];
  }
}
