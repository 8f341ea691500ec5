package dev.shunt.tablet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.tabletclient.TabletException;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import io.vitess.proto.Topodata.TabletType;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import tabletmanagerdata.Tabletmanagerdata.ChangeTypeRequest;
import tabletmanagerservice.TabletManagerGrpc;

/** Of two tablets of a shard one is primary: the one that the shard's record names. */
@ParameterizedClass
@MethodSource("kinds")
class SuccessionIT {
  @Parameter DatabaseKind kind;
  @TempDir Path folder;
  private TestTablet first;
  private Tablet second;
  private TabletClients clients;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  @BeforeEach
  void start() {
    clients = TabletClients.grpc(TabletClientConfig.DEFAULT);
    first = new TestTablet(kind, folder);
    first.run("CREATE TABLE t (id INT PRIMARY KEY)");
    second = first.startBeside("replica", new FakeParts());
  }

  @AfterEach
  void stop() {
    second.close();
    clients.close();
    first.close();
  }

  private static void promote(Tablet tablet) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", tablet.grpcPort()).usePlaintext().build();
    try {
      var unused =
          TabletManagerGrpc.newBlockingStub(channel)
              .changeType(ChangeTypeRequest.newBuilder().setTabletType(TabletType.PRIMARY).build());
    } finally {
      channel.shutdownNow();
    }
  }

  private Topodata.Tablet secondRecord() {
    return first.topo.tablet(second.identity().alias()).orElseThrow().value();
  }

  private Topodata.Shard shard() {
    return first.topo.shard(first.keyspace, "0").orElseThrow().value();
  }

  private void insertIntoFirst() {
    TabletClient client = clients.of(first.record());
    var unused =
        client.execute(
            Query.ExecuteRequest.newBuilder()
                .setTarget(
                    Query.Target.newBuilder()
                        .setKeyspace(first.keyspace)
                        .setShard("0")
                        .setTabletType(TabletType.PRIMARY))
                .setQuery(Query.BoundQuery.newBuilder().setSql("INSERT INTO t VALUES (1)"))
                .build());
  }

  private void assertFirstTakesNoWrites() {
    assertThat(first.record().getType()).isEqualTo(TabletType.REPLICA);
    assertThat(first.parts.open).isFalse();
    assertThatThrownBy(this::insertIntoFirst)
        .isInstanceOf(TabletException.class)
        .hasMessageContaining("wrong tablet type: PRIMARY, want: REPLICA");
    assertThat(shard().getPrimaryAlias()).isEqualTo(second.identity().alias());
  }

  @Test
  void aPrimaryThatWasReplacedWhileItWasAwayStartsAsAReplica() {
    first.stop();
    promote(second);

    first.restart();

    assertFirstTakesNoWrites();
    Topodata.Tablet primary = secondRecord();

    second.close();
    second = first.startBeside("replica", new FakeParts());

    assertThat(secondRecord().getType()).isEqualTo(TabletType.PRIMARY);
    assertThat(secondRecord().getPrimaryTermStartTime())
        .isEqualTo(primary.getPrimaryTermStartTime());
  }

  @Test
  void aPrimaryThatIsReplacedWhileItRunsBecomesAReplica() {
    insertIntoFirst();

    promote(second);

    await().untilAsserted(this::assertFirstTakesNoWrites);
    assertThat(secondRecord().getType()).isEqualTo(TabletType.PRIMARY);
  }

  /** Those of the other tablet run beside. */
  @Test
  void aPrimaryThatIsReplacedRunsNoStreamsThoughItCanNotEndItsTerm() {
    List<Boolean> wasOpen = new CopyOnWriteArrayList<>();
    first.parts.atClose.set(open -> {
      wasOpen.add(open);
      if (wasOpen.size() == 1 || wasOpen.size() == 3) {
        throw new IllegalStateException("the term can't be ended");
      }
    });

    promote(second);

    await().untilAsserted(this::assertFirstTakesNoWrites);
    assertThat(wasOpen).startsWith(true, false, false, false).hasSizeGreaterThan(4);
    assertThat(wasOpen.subList(1, wasOpen.size())).containsOnly(false);
  }

  @Test
  void takesTheShardBackFromAPrimaryThatIsGone() {
    promote(second);
    await().untilAsserted(this::assertFirstTakesNoWrites);
    second.close();
    first.topo.deleteTablet(second.identity().alias());

    first.restart();

    assertThat(first.record().getType()).isEqualTo(TabletType.PRIMARY);
    assertThat(shard().getPrimaryAlias()).isEqualTo(first.record().getAlias());
    insertIntoFirst();
  }

  @Test
  void aRestartIsNoNewTerm() {
    Topodata.Tablet before = first.record();

    first.restart();

    assertThat(first.record().getType()).isEqualTo(TabletType.PRIMARY);
    assertThat(first.record().getPrimaryTermStartTime())
        .isEqualTo(before.getPrimaryTermStartTime());
    insertIntoFirst();
  }
}
