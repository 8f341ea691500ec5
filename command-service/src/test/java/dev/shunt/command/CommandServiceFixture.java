package dev.shunt.command;

import dev.shunt.service.KafkaSettings;
import dev.shunt.service.TopoSettings;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import vschema.Vschema;
import vtctlservice.VtctldGrpc;

/** A command service on free ports over a local topology, with fakes behind it. */
final class CommandServiceFixture implements AutoCloseable {
  final FakeBackend backend = new FakeBackend();
  final FakeTablets tablets = new FakeTablets();
  final Topo topo;
  final CommandService service;
  final ManagedChannel channel;
  final VtctldGrpc.VtctldBlockingStub vtctld;

  CommandServiceFixture(Path directory) {
    topo = Topos.local(directory);
    service =
        new CommandService(
            new CommandServiceConfig(
                "127.0.0.1",
                0,
                0,
                KafkaSettings.defaults(),
                TopoSettings.defaults(),
                false,
                Duration.ofSeconds(10)),
            topo,
            tablets,
            backend,
            server -> {});
    service.start();
    channel =
        NettyChannelBuilder.forTarget("127.0.0.1:" + service.grpcPort()).usePlaintext().build();
    vtctld = VtctldGrpc.newBlockingStub(channel);
  }

  /** Keyspaces commerce and customer in zone1, a primary each (uid 100 and 200). */
  void setUpCluster() {
    topo.createCell("zone1", Topodata.CellInfo.getDefaultInstance());
    for (String keyspace : new String[] {"commerce", "customer"}) {
      topo.createKeyspace(keyspace, Topodata.Keyspace.newBuilder().setSidecarDbName("_vt").build());
      topo.createShard(keyspace, "0");
      topo.registerTablet(
          Topodata.Tablet.newBuilder()
              .setAlias(
                  Topodata.TabletAlias.newBuilder()
                      .setCell("zone1")
                      .setUid(keyspace.equals("commerce") ? 100 : 200))
              .setKeyspace(keyspace)
              .setShard("0")
              .setType(Topodata.TabletType.PRIMARY)
              .setHostname("127.0.0.1")
              .build());
    }
    topo.updateShard(
        "customer",
        "0",
        shard ->
            shard.toBuilder()
                .addTabletControls(
                    Topodata.Shard.TabletControl.newBuilder()
                        .setTabletType(Topodata.TabletType.PRIMARY)
                        .addDeniedTables("customer"))
                .build());
  }

  /** Sends a table's traffic of a type to a keyspace. */
  void route(String from, String to) {
    topo.updateRoutingRules(rules ->
        rules.toBuilder()
            .addRules(Vschema.RoutingRule.newBuilder().setFromTable(from).addToTables(to))
            .build());
    topo.rebuildSrvVSchema(List.of());
  }

  @Override
  public void close() {
    channel.shutdownNow();
    service.close();
    topo.close();
  }
}
