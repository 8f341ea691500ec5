package dev.shunt.cli.log;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shunt.cli.vtctld.GlobalOptions;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.MoveTablesComplete;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.schemas.WorkflowUpdate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Commands as JSON: {@code type} names the record, the other members are its fields. Those of the
 * header may stand in {@code header} or beside the others. What is left out has the default of the
 * matching verb.
 */
final class CommandJson {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> HEADER =
      Stream.of(CommandHeader.class.getRecordComponents())
          .map(component -> component.getName())
          .collect(Collectors.toUnmodifiableSet());

  private CommandJson() {}

  /** Reads a command; IllegalArgumentException names what is unknown or malformed. */
  static Command read(String json, GlobalOptions options, long now) {
    JsonNode tree;
    try {
      tree = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("malformed JSON: " + e.getOriginalMessage(), e);
    }
    if (!(tree instanceof ObjectNode given)) {
      throw new IllegalArgumentException("a command is a JSON object");
    }
    return read(given, options, now);
  }

  /** As the other, from a tree. */
  static Command read(ObjectNode given, GlobalOptions options, long now) {
    String type = given.path("type").asText();
    CommandHeader header =
        new CommandHeader(
            options.commandId == null ? UUID.randomUUID().toString() : options.commandId,
            "",
            "",
            options.issuer,
            options.reason,
            options.expectedVersion,
            false,
            now);
    Command defaults = defaults(header).get(type);
    if (defaults == null) {
      throw new IllegalArgumentException(
          "unknown type of command '%s': one of %s"
              .formatted(type, String.join(", ", new TreeSet<>(defaults(header).keySet()))));
    }
    ObjectNode full = JSON.valueToTree(defaults);
    ObjectNode fullHeader = (ObjectNode) full.get("header");
    for (Map.Entry<String, JsonNode> field : given.properties()) {
      if (field.getKey().equals("header") && field.getValue() instanceof ObjectNode nested) {
        fullHeader.setAll(nested);
      } else if (HEADER.contains(field.getKey())) {
        fullHeader.set(field.getKey(), field.getValue());
      } else if (!field.getKey().equals("type")) {
        full.set(field.getKey(), field.getValue());
      }
    }
    if (full.has("uuid") && !given.has("uuid")) {
      full.set("uuid", fullHeader.get("commandId"));
    }
    return bind(full, defaults.getClass());
  }

  private static Command bind(ObjectNode tree, Class<? extends Command> type) {
    Command command;
    try {
      command = JSON.treeToValue(tree, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "malformed " + type.getSimpleName() + ": " + e.getOriginalMessage(), e);
    }
    if (command.header().keyspace().isBlank() || command.header().workflow().isBlank()) {
      throw new IllegalArgumentException("keyspace and workflow must be given");
    }
    return command;
  }

  private static Map<String, Command> defaults(CommandHeader header) {
    return Map.of(
        "MoveTablesCreate",
        new MoveTablesCreate(
            header,
            "",
            List.of(),
            false,
            List.of(),
            List.of(),
            List.of(),
            List.of("REPLICA", "PRIMARY"),
            true,
            "IGNORE",
            true,
            false,
            true,
            false,
            false,
            false,
            "",
            "REMOVE",
            "",
            Map.of()),
        "MoveTablesComplete",
        new MoveTablesComplete(header, false, false, false),
        "WorkflowDelete",
        new WorkflowDelete(header, false, false),
        "WorkflowUpdate",
        new WorkflowUpdate(header, null, null, null, null, null, List.of(), Map.of()),
        "SwitchTraffic",
        new SwitchTraffic(
            header,
            List.of("PRIMARY", "REPLICA", "RDONLY"),
            List.of(),
            Direction.FORWARD,
            30_000,
            30_000,
            true,
            false,
            false),
        "VDiffCreate",
        new VDiffCreate(
            header,
            header.commandId(),
            List.of(),
            List.of(),
            List.of(),
            List.of("RDONLY", "REPLICA", "PRIMARY"),
            true,
            Long.MAX_VALUE,
            30_000,
            1000,
            10,
            false,
            false,
            128,
            true,
            false));
  }
}
