package dev.shunt.cli.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shunt.cli.vtctld.GlobalOptions;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.schemas.VDiffCreate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandJsonTest {
  private static final String NAMED = "'keyspace':'customer','workflow':'shop'";

  private static Command read(String json) {
    try {
      ObjectNode tree = (ObjectNode) new ObjectMapper().readTree(json.replace('\'', '"'));
      return CommandJson.read(tree, new GlobalOptions(), 42);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatIsLeftOutHasTheDefaultOfTheSchema() {
    SwitchTraffic command = (SwitchTraffic) read("{'type':'SwitchTraffic'," + NAMED + "}");

    assertThat(command.tabletTypes()).containsExactly("PRIMARY", "REPLICA", "RDONLY");
    assertThat(command.direction()).isEqualTo(Direction.FORWARD);
    assertThat(command.timeoutMillis()).isEqualTo(30_000);
    assertThat(command.enableReverseReplication()).isTrue();
    assertThat(command.header().issuedAt()).isEqualTo(42);
    assertThat(command.header().commandId()).isNotEmpty();
  }

  @Test
  void whatIsGivenWinsInTheHeaderAndBesideIt() {
    MoveTablesCreate command =
        (MoveTablesCreate)
            read(
                "{'type':'MoveTablesCreate','header':{'keyspace':'customer','workflow':'shop',"
                    + "'dryRun':true},'commandId':'mine','sourceKeyspace':'commerce',"
                    + "'includeTables':['a','b'],'tabletTypes':[]}");

    assertThat(command.header().commandId()).isEqualTo("mine");
    assertThat(command.header().dryRun()).isTrue();
    assertThat(command.sourceKeyspace()).isEqualTo("commerce");
    assertThat(command.includeTables()).isEqualTo(List.of("a", "b"));
    assertThat(command.tabletTypes()).isEmpty();
  }

  @Test
  void aDiffHasTheIdOfItsCommandUnlessGivenOne() {
    assertThat(((VDiffCreate) read("{'type':'VDiffCreate','commandId':'c'," + NAMED + "}")).uuid())
        .isEqualTo("c");
    assertThat(((VDiffCreate) read("{'type':'VDiffCreate','uuid':'u'," + NAMED + "}")).uuid())
        .isEqualTo("u");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{'type':'Explode','keyspace':'k','workflow':'w'} | unknown type of command 'Explode': one",
        "{'type':'WorkflowDelete','workflow':'w'}         | keyspace and workflow must be given",
        "{'type':'MoveTablesCreate','keyspace':'k','workflow':'w'} | needs sourceKeyspace: Keyspace",
        "{'type':'WorkflowDelete','keyspace':'k','workflow':'w','x':1} | malformed WorkflowDelete",
      })
  void refusesWhatIsUnknownMalformedOrMissing(String json, String message) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
