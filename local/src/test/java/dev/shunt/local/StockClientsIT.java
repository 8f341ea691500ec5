package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.shunt.embedded.Tools;
import dev.shunt.local.demo.ShopLoader;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.service.KafkaSettings;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/** Clients that know nothing of Shunt: a gRPC stub of Vitess's, and Confluent's Python client. */
class StockClientsIT {
  private static final WorkflowKey WORKFLOW = new WorkflowKey("customer", "example");

  @TempDir private Path directory;

  @Test
  void followAndSendFromPythonAndReadOverGrpc() throws IOException, InterruptedException {
    Path python = Tools.directory().resolve("python/bin/python");
    boolean present = Files.isExecutable(python);
    assertThat(present || !Tools.mustBePresent())
        .as("no Python client: run deploy/tools/get-python-client.sh")
        .isTrue();
    assumeTrue(present, "no Python client: run deploy/tools/get-python-client.sh");

    try (Bench bench = new Bench(ClusterOptions.in(directory))) {
      ShopLoader.load(bench.cluster(), 200);
      bench.succeed(Asking.create(WORKFLOW, "commerce", "customer", "corder", "product"));
      bench.awaitRunning(WORKFLOW);

      Said stopped = runExample(python, bench);

      assertThat(stopped.exit()).as(stopped.words()).isZero();
      assertThat(stopped.words())
          .contains("customer.example version", "customer.example/-80 streams Running");
      assertThat(
              bench
                  .workflows()
                  .await(
                      WORKFLOW,
                      status ->
                          status.stream()
                              .flatMap(one -> one.streams().stream())
                              .map(StreamStatus::state)
                              .allMatch("Stopped"::equals),
                      Bench.PATIENCE))
          .as("the streams that the command stopped")
          .isTrue();
      assertThat(workflowsOverGrpc(bench.cluster().endpoints().vtctld()))
          .containsExactly("example");

      putTombstone(bench.cluster().kafka());
      bench.succeed(Asking.cancel(WORKFLOW));
      Said refused = runExample(python, bench);
      assertThat(refused.exit()).as(refused.words()).isOne();
      assertThat(refused.words()).contains("does not exist");

      bench.succeed(Asking.create(WORKFLOW, "commerce", "customer", "corder", "product"));
      Said again = runExample(python, bench);
      assertThat(again.exit()).as(again.words()).isZero();
      assertThat(again.words()).contains("customer.gone gone");
    }
  }

  /** As of a key that is no more. */
  private static void putTombstone(KafkaSettings kafka) throws InterruptedException {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(kafka.producer(), new StringSerializer(), new StringSerializer())) {
      producer.send(new ProducerRecord<>(Topics.WORKFLOWS, "customer.gone", null)).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** How the example ended. */
  private record Said(int exit, String words) {}

  private static Said runExample(Path python, Bench bench)
      throws IOException, InterruptedException {
    Process example =
        new ProcessBuilder(
                python.toString(),
                projectRoot().resolve("docs/examples/follow_and_send.py").toString(),
                bench.cluster().kafka().bootstrapServers(),
                bench.cluster().kafka().registryUrl(),
                WORKFLOW.keyspace(),
                WORKFLOW.workflow())
            .redirectErrorStream(true)
            .start();
    String said = new String(example.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(example.waitFor(90, TimeUnit.SECONDS)).isTrue();
    return new Said(example.exitValue(), said);
  }

  private static List<String> workflowsOverGrpc(String address) {
    ManagedChannel channel = NettyChannelBuilder.forTarget(address).usePlaintext().build();
    try {
      return VtctldGrpc.newBlockingStub(channel)
          .getWorkflows(Vtctldata.GetWorkflowsRequest.newBuilder().setKeyspace("customer").build())
          .getWorkflowsList()
          .stream()
          .map(Vtctldata.Workflow::getName)
          .toList();
    } finally {
      channel.shutdownNow();
    }
  }

  private static Path projectRoot() {
    Path at = Path.of("").toAbsolutePath();
    while (!Files.exists(at.resolve("docs/examples"))) {
      at = at.getParent();
    }
    return at;
  }
}
