package dev.shunt.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shunt.embedded.KafkaBroker;
import dev.shunt.schemas.Topics;
import dev.shunt.service.KafkaSettings;
import dev.shunt.service.TopoSettings;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/** The service over a real Kafka, with its own schema registry. */
class CommandServiceIT {
  @TempDir static Path directory;
  private static KafkaBroker broker;
  private static Topo topo;
  private static TabletClients tablets;
  private static CommandService service;
  private static FakeServices others;
  private static ManagedChannel channel;
  private static VtctldGrpc.VtctldBlockingStub vtctld;

  @BeforeAll
  static void start() {
    broker = KafkaBroker.start(directory.resolve("kafka"), 0);
    topo = Topos.local(directory.resolve("topo"));
    topo.createKeyspace("customer", Topodata.Keyspace.getDefaultInstance());
    topo.createShard("customer", "0");
    tablets = TabletClients.grpc(TabletClientConfig.DEFAULT);
    service = startService();
    others = new FakeServices(broker.bootstrapServers(), "http://127.0.0.1:" + service.httpPort());
    channel = channel(service);
    vtctld = VtctldGrpc.newBlockingStub(channel);
  }

  private static CommandService startService() {
    CommandService one =
        CommandService.over(
            new CommandServiceConfig(
                "127.0.0.1",
                0,
                0,
                KafkaSettings.defaults()
                    .at(broker.bootstrapServers(), "")
                    .withPartitions(Topics.EMBEDDED_PARTITIONS),
                TopoSettings.defaults(),
                true,
                Duration.ofSeconds(30)),
            topo,
            tablets);
    one.start();
    return one;
  }

  private static ManagedChannel channel(CommandService to) {
    return NettyChannelBuilder.forTarget("127.0.0.1:" + to.grpcPort()).usePlaintext().build();
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    others.close();
    service.close();
    tablets.close();
    topo.close();
    broker.close();
  }

  @Test
  void sendsACommandAndShowsItsOutcomeToTheNextRead() {
    Vtctldata.WorkflowSwitchTrafficResponse answer =
        vtctld
            .withDeadlineAfter(30, TimeUnit.SECONDS)
            .workflowSwitchTraffic(
                Vtctldata.WorkflowSwitchTrafficRequest.newBuilder()
                    .setKeyspace("customer")
                    .setWorkflow("c2c")
                    .addTabletTypes(Topodata.TabletType.PRIMARY)
                    .build());

    assertThat(answer.getSummary()).isEqualTo("SwitchTraffic was successful");
    assertThat(answer.getStartState()).isEqualTo("before");
    assertThat(
            vtctld
                .getWorkflows(
                    Vtctldata.GetWorkflowsRequest.newBuilder().setKeyspace("customer").build())
                .getWorkflowsList())
        .singleElement()
        .satisfies(workflow -> assertThat(workflow.getName()).isEqualTo("c2c"));
  }

  @Test
  void handsOnARefusal() {
    assertThatThrownBy(() ->
            vtctld
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .workflowDelete(
                    Vtctldata.WorkflowDeleteRequest.newBuilder()
                        .setKeyspace("customer")
                        .setWorkflow("c2c")
                        .build()))
        .hasMessage("FAILED_PRECONDITION: writes are switched");
  }

  @Test
  void saysSoWhenTheCallersTimeIsOver() {
    assertThatThrownBy(() ->
            vtctld
                .withDeadlineAfter(1, TimeUnit.MILLISECONDS)
                .workflowDelete(
                    Vtctldata.WorkflowDeleteRequest.newBuilder()
                        .setKeyspace("customer")
                        .setWorkflow("other")
                        .build()))
        .hasMessageContaining("DEADLINE_EXCEEDED");
  }

  private static Runnable cancelSlow(ManagedChannel through) {
    Metadata id = new Metadata();
    id.put(Metadata.Key.of("shunt-command-id", Metadata.ASCII_STRING_MARSHALLER), "cancel-slow");
    return () -> {
      var unused =
          VtctldGrpc.newBlockingStub(through)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(id))
              .withDeadlineAfter(30, TimeUnit.SECONDS)
              .workflowDelete(
                  Vtctldata.WorkflowDeleteRequest.newBuilder()
                      .setKeyspace("customer")
                      .setWorkflow("slow")
                      .build());
    };
  }

  /** The caller's connection breaks; the command stands on the log. */
  @Test
  void anotherInstanceTellsTheOutcomeOfWhatOneSentThatIsGone() {
    CommandService first = startService();
    ManagedChannel toFirst = channel(first);
    CompletableFuture<Void> asked = CompletableFuture.runAsync(cancelSlow(toFirst));
    await().atMost(Duration.ofSeconds(30)).until(() -> others.came.contains("cancel-slow"));
    toFirst.shutdownNow();
    first.close();
    assertThat(asked)
        .failsWithin(Duration.ofSeconds(20))
        .withThrowableThat()
        .withMessageContaining("UNAVAILABLE");

    CommandService second = startService();
    ManagedChannel toSecond = channel(second);
    try {
      CompletableFuture<Void> again = CompletableFuture.runAsync(cancelSlow(toSecond));
      others.release();
      assertThat(again)
          .failsWithin(Duration.ofSeconds(30))
          .withThrowableThat()
          .withMessageContaining("FAILED_PRECONDITION: writes are switched");
    } finally {
      toSecond.shutdownNow();
      second.close();
    }
  }
}
