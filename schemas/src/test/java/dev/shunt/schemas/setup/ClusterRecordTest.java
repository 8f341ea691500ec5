package dev.shunt.schemas.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ClusterRecordTest {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void refuses(String text, String why) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClusterRecord.ofJson(bytes(text)))
        .as(text)
        .withMessage(why);
  }

  /** What stands on the topic is read by every later version. */
  @Test
  void isWrittenAsItEverWas() {
    assertThat(new String(new ClusterRecord(16, "copy-7-beef").toJson(), StandardCharsets.UTF_8))
        .isEqualTo("{\"version\":1,\"partitions\":16,\"writtenBy\":\"copy-7-beef\"}");
  }

  @Test
  void isReadAsItWasWritten() {
    ClusterRecord record = new ClusterRecord(1, "\"ü\n");

    assertThat(ClusterRecord.ofJson(record.toJson())).isEqualTo(record);
  }

  @Test
  void fieldsThatALaterVersionAddsArePassedOver() {
    assertThat(ClusterRecord.ofJson(bytes("{\"version\":1,\"partitions\":5,\"region\":[1]}")))
        .isEqualTo(new ClusterRecord(5, "somebody unnamed"));
  }

  @Test
  void whatIsNoRecordIsRefusedWithTheReason() {
    refuses("", "it has no whole number in 'version'");
    refuses("rubbish", "it is not JSON");
    refuses("{\"version\":1,", "it is not JSON");
    refuses("16", "it has no whole number in 'version'");
    refuses("{\"partitions\":16}", "it has no whole number in 'version'");
    refuses(
        "{\"version\":2,\"partitions\":16}", "it has the version 2, and this program knows 1 only");
    refuses("{\"version\":1}", "it has no whole number in 'partitions'");
    refuses("{\"version\":1,\"partitions\":\"16\"}", "it has no whole number in 'partitions'");
    refuses("{\"version\":1,\"partitions\":1.5}", "it has no whole number in 'partitions'");
    refuses("{\"version\":1,\"partitions\":99999999999}", "it has no whole number in 'partitions'");
    refuses("{\"version\":1,\"partitions\":0}", "a topic has at least one partition, not 0");
  }
}
