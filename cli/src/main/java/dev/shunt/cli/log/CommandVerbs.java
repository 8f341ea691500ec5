package dev.shunt.cli.log;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.shunt.cli.vtctld.Reads;
import dev.shunt.client.Connection;
import dev.shunt.client.SentCommand;
import dev.shunt.client.ShuntClient;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.WorkflowKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** {@code commands}: what is sent, what waits and what is carried out. */
@picocli.CommandLine.Command(
    name = "commands",
    description = "Works with commands on the log.",
    subcommands = {
      CommandVerbs.Send.class,
      CommandsList.class,
      CancelCommandVerb.Cancel.class,
      CancelCommandVerb.Abandon.class,
      SignalVerb.class
    })
public final class CommandVerbs {
  /** What follows a value makes something else of it. */
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** Sends one command. */
  @picocli.CommandLine.Command(
      name = "send",
      description =
          "Sends a command, from JSON or from flags, and waits for its outcome. A command is an"
              + " object with a type (for instance SwitchTraffic), keyspace, workflow and the"
              + " fields of that record; what is left out has the default of the matching verb.")
  @Reads({Reads.Group.WAITS, Reads.Group.ISSUES, Reads.Group.COMMANDS})
  static final class Send extends SendingVerb {
    @Option(
        names = {"-f", "--file"},
        defaultValue = "",
        paramLabel = "FILE",
        description = "File with the JSON; - reads standard input.")
    String file = "";

    @Option(names = "--type", defaultValue = "", description = "Type of the command.")
    String type = "";

    @Option(
        names = {"-w", "--workflow"},
        defaultValue = "",
        paramLabel = "KEYSPACE.WORKFLOW",
        description = "The workflow.")
    String workflow = "";

    @Option(
        names = "--set",
        paramLabel = "FIELD=VALUE",
        description = "A field; the value is JSON or else a text. May be given again.")
    Map<String, String> fields = new LinkedHashMap<>();

    @Option(names = "--dry-run", description = "Only print what would be done.")
    boolean dryRun;

    @Option(names = "--no-wait", description = "Return once the log has the command.")
    boolean noWait;

    @Override
    public Integer call() throws IOException {
      long now = System.currentTimeMillis();
      ObjectNode tree = tree();
      if (!noWait && !tree.has("beginBefore") && !tree.path("header").has("beginBefore")) {
        tree.put("beginBefore", now + options().actionTimeout.toMillis());
      }
      Command command = CommandJson.read(tree, options(), now);
      try (Connection connection = kafka.connect();
          ShuntClient client = new ShuntClient(connection)) {
        if (noWait) {
          SentCommand sent = client.send(command);
          print(
              sent,
              "command %s is on partition %d at offset %d"
                  .formatted(sent.commandId(), sent.partition(), sent.offset()));
          return 0;
        }
        client.start();
        return printOutcome(command, client.execute(command, options().actionTimeout));
      }
    }

    /** The command as it was given. */
    ObjectNode tree() throws IOException {
      if (file.isEmpty() == type.isEmpty()) {
        throw refuse("give either --file with a command, or --type and its fields");
      }
      ObjectNode tree = JSON.createObjectNode();
      if (!file.isEmpty()) {
        JsonNode read = JSON.readTree(text());
        if (!(read instanceof ObjectNode object)) {
          throw refuse("a command is a JSON object");
        }
        tree = object;
      } else {
        tree.put("type", type);
      }
      WorkflowKey key = key(workflow);
      if (key != null) {
        tree.put("keyspace", key.keyspace()).put("workflow", key.workflow());
      }
      if (dryRun) {
        tree.put("dryRun", true);
      }
      for (Map.Entry<String, String> field : fields.entrySet()) {
        tree.set(field.getKey(), value(field.getValue()));
      }
      return tree;
    }

    private String text() throws IOException {
      return file.equals("-")
          ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
          : Files.readString(Path.of(file));
    }

    private static JsonNode value(String text) {
      try {
        JsonNode node = JSON.readTree(text);
        return node.isMissingNode() ? TextNode.valueOf(text) : node;
      } catch (JsonProcessingException e) {
        return TextNode.valueOf(text);
      }
    }
  }
}
