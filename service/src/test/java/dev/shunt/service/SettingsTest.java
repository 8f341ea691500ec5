package dev.shunt.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the settings that all services have make of what is given. */
class SettingsTest {
  private static final KafkaSettings DEFAULTS = KafkaSettings.defaults();

  private static KafkaSettings with(String key, String value) {
    return DEFAULTS.withProperties(Map.of(key, value));
  }

  /** Whatever else somebody sets for their cluster, nothing is lost or repeated. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "acks",
        "enable.idempotence",
        "isolation.level",
        "enable.auto.commit",
        "auto.offset.reset",
        "bootstrap.servers",
        "session.timeout.ms",
        "group.id",
        "linger.ms",
        "max.request.size"
      })
  void propertiesDoNotTakeAwayWhatIsReliedOn(String key) {
    KafkaSettings settings = with(key, "0");

    assertThat(settings.producer()).containsAllEntriesOf(DEFAULTS.producer());
    assertThat(settings.groupConsumer("g")).containsAllEntriesOf(DEFAULTS.groupConsumer("g"));
  }

  @Test
  void propertiesForTheWayToKafkaReachEveryClient() {
    KafkaSettings settings = with("security.protocol", "SSL");
    for (Map<String, Object> client :
        List.of(
            settings.admin(),
            settings.producer(),
            settings.consumer(),
            settings.reader(),
            settings.uncommittedReader(),
            settings.groupConsumer("g"))) {
      assertThat(client)
          .containsEntry("security.protocol", "SSL")
          .containsEntry("bootstrap.servers", "127.0.0.1:9092");
    }
  }

  @Test
  void onlyOneReaderSeesWhatIsNotCommitted() {
    assertThat(DEFAULTS.consumer()).containsEntry("isolation.level", "read_committed");
    assertThat(DEFAULTS.reader())
        .containsEntry("isolation.level", "read_committed")
        .containsEntry("fetch.max.wait.ms", 10);
    assertThat(DEFAULTS.uncommittedReader())
        .containsEntry("isolation.level", "read_uncommitted")
        .containsEntry("fetch.max.wait.ms", 10);
  }

  /** Kafka refuses a heartbeat that is not below the session timeout. */
  @ParameterizedTest
  @CsvSource({"1000, 200", "1004, 200", "2500, 500", "300000, 60000"})
  void membersAreHeardOftenEnough(int session, int heartbeat) {
    assertThat(DEFAULTS.withSessionTimeout(session).groupConsumer("g"))
        .containsEntry("group.id", "g")
        .containsEntry("session.timeout.ms", session)
        .containsEntry("heartbeat.interval.ms", heartbeat);
  }

  @Test
  void numbersOfKafkaAreBounded() {
    for (int session : new int[] {999, 300_001, -1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> DEFAULTS.withSessionTimeout(session))
          .withMessage("kafka.sessionTimeoutMillis must be 1000 to 300000");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new KafkaSettings("h:1", "http://r", 0, 0, 2500, Map.of()))
        .withMessage("kafka.replicationFactor must be at least 1");
    assertThat(DEFAULTS.withPartitions(3).at("a:1", "http://b"))
        .isEqualTo(new KafkaSettings("a:1", "http://b", 1, 3, 2500, Map.of()));
  }

  @Test
  void aTopologyIsSomewhere() {
    assertThat(TopoSettings.local("/d"))
        .isEqualTo(new TopoSettings("local", List.of(), "/vitess/global", "/d"));
    assertThat(TopoSettings.etcd(List.of("http://e:1")).endpoints()).containsExactly("http://e:1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TopoSettings.etcd(List.of()))
        .withMessage("topo.endpoints is empty: name the etcd servers");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TopoSettings.local(""))
        .withMessage("topo.directory is empty: name a directory");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TopoSettings("zk2", List.of("h:1"), "/", ""))
        .withMessage("topo.implementation must be etcd or local, not 'zk2'");
  }

  @ParameterizedTest
  @CsvSource({
    "http://u:a@one:1, http://u:***@one:1",
    "'http://u:a@one:1,http://v:b@two:2', 'http://u:***@one:1,http://v:***@two:2'",
    "'http://one:1, http://v:b@two:2', 'http://one:1, http://v:***@two:2'",
    "'http://u:a,b@one:1,http://v:c@two:2', 'http://u:***@one:1,http://v:***@two:2'",
    "'h:1,h:2', 'h:1,h:2'",
    "'', ''",
  })
  void noPasswordOfAListIsShown(String addresses, String shown) {
    assertThat(Redaction.ofList(addresses)).isEqualTo(shown);
  }

  @Test
  void aSecretIsToldFromAnotherAndNeverPrinted() {
    Secret secret = new Secret("geheim");
    assertThat(secret).isEqualTo(new Secret("geheim")).hasSameHashCodeAs(new Secret("geheim"));
    assertThat(secret).isNotEqualTo(new Secret("Geheim")).isNotEqualTo("geheim");
    assertThat(secret).hasToString("***");
    assertThat(Secret.NONE.reveal()).isEmpty();
  }

  @Test
  void anInstanceIsToldByItsProcess() {
    String one = InstanceId.next("topo-watcher");
    long pid = ProcessHandle.current().pid();
    assertThat(one).matches("topo-watcher-" + pid + "-[0-9a-f]{4}");
    assertThat(InstanceId.isOf(one, pid)).isTrue();
    assertThat(InstanceId.isOf(one, pid + 1)).isFalse();
    assertThat(InstanceId.isOf("copy-7", 7)).isFalse();
    assertThat(InstanceId.isOf("copy-x-7-00ff", 7)).isTrue();
    assertThat(InstanceId.isOf("copy-7-x-00ff", 7)).isFalse();
    assertThat(InstanceId.isOf("", 0)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "no answer from 10.0.0.7:2379 after 5 s, no answer from 127.0.0.1:80 after 12345 s, true",
    "no answer from a, no answer from b, false",
    "1, one, false"
  })
  void sentencesThatDifferInNumbersSayTheSame(String one, String other, boolean same) {
    assertThat(Sentences.withoutNumbers(one).equals(Sentences.withoutNumbers(other)))
        .isEqualTo(same);
  }

  @Test
  void theReadyLineIsJsonWithEachEndpoint() {
    Service service =
        new Service() {
          @Override
          public String name() {
            return "a\"b";
          }

          @Override
          public void start() {}

          @Override
          public Map<String, String> endpoints() {
            return Map.of("grpc", "127.0.0.1:1");
          }

          @Override
          public void close() {}
        };

    assertThat(service.readyLine())
        .isEqualTo("{\"service\":\"a\\\"b\",\"state\":\"ready\",\"grpc\":\"127.0.0.1:1\"}");
  }
}
