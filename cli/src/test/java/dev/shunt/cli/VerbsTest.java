package dev.shunt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.cli.vtctld.Reads;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Every verb shows and takes the flags that it reads; what is no verb is answered as such. */
class VerbsTest {
  private static final String CALLS = "--server --action-timeout";
  private static final String MESSAGES = CALLS + " --compact";
  private static final String ISSUES = "--issuer --reason";
  private static final String COMMANDS = ISSUES + " --command-id --expected-version";

  /** What each verb reads of the flags that may stand anywhere. */
  private static final Map<String, String> READS = new TreeMap<>();

  static {
    put(
        "",
        "up,demo,check,service,bench copy,bench catchup,bench apply,bench idle,bench events,bench takeover,bench switch,commands list,workflows watch,"
            + "audit replay,locks list");
    put(ISSUES, "locks break");
    put(
        "--action-timeout " + COMMANDS,
        "commands send,commands cancel,commands abandon,commands signal");
    put(
        MESSAGES + " " + COMMANDS,
        "movetables create,movetables complete,movetables cancel,movetables switchtraffic,"
            + "movetables reversetraffic,movetables start,movetables stop,workflow start,"
            + "reshard create,reshard complete,reshard cancel,reshard switchtraffic,"
            + "reshard reversetraffic,reshard start,reshard stop,"
            + "workflow stop,workflow update,workflow delete,vdiff create");
    put(
        MESSAGES,
        "movetables show,movetables status,reshard show,reshard status,workflow show,getworkflows,updatecellinfo,getcellinfo,"
            + "createkeyspace,getkeyspace,createshard,getshard,setshardtabletcontrol,"
            + "findallshardsinkeyspace,gettablet,getschema,applyvschema,getvschema,getsrvvschema,"
            + "applyroutingrules,getroutingrules,applyshardroutingrules,getshardroutingrules");
    put(
        CALLS,
        "workflow list,vdiff show,vdiff delete,vdiff resume,vdiff stop,addcellinfo,deletecellinfo,"
            + "getcellinfonames,getkeyspaces,gettablets,refreshstate,getsrvvschemas,getsrvkeyspaces,"
            + "rebuildvschemagraph,rebuildkeyspacegraph");
  }

  private static void put(String flags, String verbs) {
    Arrays.stream(verbs.split(",")).forEach(verb -> READS.put(verb, flags));
  }

  private record Run(int exitCode, String err) {}

  private static Run run(List<String> words) {
    StringWriter err = new StringWriter();
    CommandLine line =
        Shunt.commandLine()
            .setErr(new PrintWriter(err, true))
            .setOut(new PrintWriter(new StringWriter()));
    int exitCode = line.execute(words.toArray(String[]::new));
    return new Run(exitCode, err.toString());
  }

  private static Map<String, CommandLine> verbs() {
    Map<String, CommandLine> verbs = new TreeMap<>();
    collect(Shunt.commandLine(), verbs);
    return verbs;
  }

  private static void collect(CommandLine at, Map<String, CommandLine> into) {
    if (at.getSubcommands().isEmpty()) {
      into.put(Flags.path(at.getCommandSpec()), at);
    }
    new HashSet<>(at.getSubcommands().values()).forEach(below -> collect(below, into));
  }

  private static Set<String> anywhere() {
    Set<String> all = new TreeSet<>();
    Arrays.stream(Reads.Group.values()).forEach(group -> all.addAll(group.flags()));
    return all;
  }

  @Test
  void everyVerbShowsTheFlagsThatItReadsAndNoOthers() {
    Map<String, CommandLine> verbs = verbs();
    assertThat(verbs.keySet()).isEqualTo(READS.keySet());
    verbs.forEach((verb, line) -> {
      Set<String> shown = new TreeSet<>();
      for (OptionSpec option : line.getCommandSpec().options()) {
        if (anywhere().contains(option.longestName())) {
          shown.add(option.longestName());
        }
      }
      String reads = READS.get(verb);
      assertThat(shown)
          .as(verb)
          .isEqualTo(reads.isEmpty() ? Set.of() : new TreeSet<>(List.of(reads.split(" "))));
      for (String flag : anywhere()) {
        assertThat(
                line.getUsageMessage().contains(flag + "=")
                    || line.getUsageMessage().contains(flag + "[="))
            .as("%s --help shows %s", verb, flag)
            .isEqualTo(shown.contains(flag));
      }
    });
  }

  @Test
  void refusesFlagsWhereTheyHaveNoEffectBeforeAndAfterTheVerb() {
    READS.forEach((verb, reads) -> {
      for (String flag : anywhere()) {
        if (List.of(reads.split(" ")).contains(flag)) {
          continue;
        }
        List<String> words = List.of(verb.split(" "));
        List<String> after = new ArrayList<>(words);
        after.addAll(List.of(flag + "=1", "x"));
        Run refused = run(after);
        assertThat(refused.exitCode()).as("%s", after).isEqualTo(1);
        assertThat(refused.err()).as("%s", after).startsWith("Error: ").hasLineCount(1);
        if (verb.equals("up") || verb.equals("demo") || verb.endsWith(" list")) {
          assertThat(refused.err()).contains(flag + " has no effect on '" + verb + "'");
          List<String> before = new ArrayList<>(List.of(value(flag)));
          before.addAll(words);
          assertThat(run(before))
              .as("%s", before)
              .isEqualTo(new Run(1, "Error: " + flag + " has no effect on '" + verb + "'\n"));
        }
      }
    });
  }

  private static String value(String flag) {
    return switch (flag) {
      case "--compact" -> "--compact=true";
      case "--action-timeout" -> "--action-timeout=1s";
      default -> flag + "=1";
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Materialize --workflow w --target-keyspace k create --help|not there yet: materialize;"
            + " `shunt --help` lists what there is",
        "Mount register --name x|not there yet: mount; `shunt --help` lists what there is",
        "--server=h:1 Materialize|not there yet: materialize; `shunt --help` lists what there is",
        "--server h:1 LookupVindex show|not there yet: lookupvindex; `shunt --help` lists what"
            + " there is",
        "migrate|not there yet: migrate; `shunt --help` lists what there is",
        "ApplySchema --sql x k|not there yet: applyschema; `shunt --help` lists what there is",
        "movetables -w w --target-keyspace k mirrortraffic --percent 5|not there yet: movetables"
            + " mirrortraffic; `shunt movetables --help` lists what there is",
      })
  void saysOfVerbsOfVitessThatTheyAreNotThereYet(String line, String sentence) {
    assertThat(run(List.of(line.split(" ")))).isEqualTo(new Run(2, "Error: " + sentence + "\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "movetabels -w w|no verb 'movetabels'; the nearest is 'movetables'; `shunt --help` lists"
            + " what there is",
        "UPP|no verb 'UPP'; the nearest is 'up'; `shunt --help` lists what there is",
        "movetables -w w --target-keyspace k swichtraffic|no verb 'movetables swichtraffic'; the"
            + " nearest is 'movetables switchtraffic'; `shunt movetables --help` lists what there"
            + " is",
        "movetables -w w --target-keyspace k mount|no verb 'movetables mount'; the nearest is"
            + " 'movetables start'; `shunt movetables --help` lists what there is",
        "mirrortraffic|no verb 'mirrortraffic'; the nearest is 'movetables'; `shunt --help` lists"
            + " what there is",
        "locks brake x|no verb 'locks brake'; the nearest is 'locks break'; `shunt locks --help`"
            + " lists what there is",
      })
  void namesTheNearestVerbOfAWordThatIsNone(String line, String sentence) {
    assertThat(run(List.of(line.split(" ")))).isEqualTo(new Run(1, "Error: " + sentence + "\n"));
  }

  @Test
  void listsOnlyWhatWorks() {
    CommandLine root = Shunt.commandLine();
    assertThat(root.getUsageMessage())
        .contains("movetables", "reshard", "vdiff")
        .doesNotContain("materialize", "mirrortraffic");
    assertThat(root.getSubcommands().get("vdiff").getUsageMessage())
        .contains("create", "show")
        .doesNotContain("resume", "Deletes a diff");
    assertThat(
            root.getSubcommands()
                .get("movetables")
                .getSubcommands()
                .get("create")
                .getUsageMessage())
        .contains("--source-keyspace")
        .doesNotContain("--tenant-id", "--shards=");
  }
}
