package dev.shunt.cli;

import com.google.common.util.concurrent.MoreExecutors;
import dev.shunt.client.AuditLog;
import dev.shunt.client.Connection;
import dev.shunt.client.ShuntClient;
import dev.shunt.client.WorkflowTable;
import dev.shunt.net.GrpcServer;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.logging.LogManager;
import java.util.stream.Stream;
import picocli.CommandLine;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/**
 * Does once what most verbs do, against an empty server of its own, while the JVM records which
 * classes that takes; the launcher keeps them in a file, so that every verb starts quickly.
 */
final class Rehearsal {
  private Rehearsal() {}

  /** Takes no arguments. */
  public static void main(String[] unused) throws IOException {
    LogManager.getLogManager().reset();
    GrpcServer server =
        GrpcServer.on("127.0.0.1", 0, MoreExecutors.directExecutor()).service(new Empty()).start();
    String address = "127.0.0.1:" + server.port();
    run("--help");
    run("movetables", "--help");
    run("getworkflows", "--server", address, "customer");
    run("getkeyspaces", "--server", address);
    run("workflow", "--server", address, "--keyspace", "customer", "list");
    run(
        "movetables",
        "--server",
        address,
        "--workflow",
        "shop",
        "--target-keyspace",
        "customer",
        "status");
    run(
        "workflows",
        "watch",
        "--kafka",
        address,
        "--registry",
        "http://" + address,
        "--count",
        "x");
    openClients(address);
    server.close();
    System.exit(0);
  }

  private static void run(String... arguments) {
    CommandLine commandLine = Shunt.commandLine(arguments);
    commandLine.setOut(new PrintWriter(Writer.nullWriter()));
    commandLine.setErr(new PrintWriter(Writer.nullWriter()));
    int unused = commandLine.execute(arguments);
  }

  /** The clients of Kafka, which connect to nothing here. */
  private static void openClients(String address) {
    try (Connection connection = Connection.to(address, "http://" + address);
        ShuntClient client = new ShuntClient(connection);
        WorkflowTable table = new WorkflowTable(connection);
        AuditLog audit = new AuditLog(connection)) {
      long unused = Stream.of(client, table, audit).count();
    }
  }

  /** A server that knows of nothing. */
  private static final class Empty extends VtctldGrpc.VtctldImplBase {
    @Override
    public void getWorkflows(
        Vtctldata.GetWorkflowsRequest request,
        StreamObserver<Vtctldata.GetWorkflowsResponse> answer) {
      answer.onNext(Vtctldata.GetWorkflowsResponse.getDefaultInstance());
      answer.onCompleted();
    }

    @Override
    public void getKeyspaces(
        Vtctldata.GetKeyspacesRequest request,
        StreamObserver<Vtctldata.GetKeyspacesResponse> answer) {
      answer.onNext(Vtctldata.GetKeyspacesResponse.getDefaultInstance());
      answer.onCompleted();
    }

    @Override
    public void workflowStatus(
        Vtctldata.WorkflowStatusRequest request,
        StreamObserver<Vtctldata.WorkflowStatusResponse> answer) {
      answer.onNext(Vtctldata.WorkflowStatusResponse.getDefaultInstance());
      answer.onCompleted();
    }
  }
}
