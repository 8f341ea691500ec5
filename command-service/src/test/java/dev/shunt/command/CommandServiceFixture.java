package dev.shunt.command;

import dev.shunt.service.KafkaSettings;
import dev.shunt.service.TopoSettings;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import dev.shunt.topo.Topos;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.vitess.proto.Topodata;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import vschema.Vschema;
import vtctlservice.VtctldGrpc;

/** A command service on free ports over a local topology, with fakes behind it. */
final class CommandServiceFixture implements AutoCloseable {
  final FakeBackend backend = new FakeBackend();
  final FakeTablets tablets = new FakeTablets();
  final Topo topo;

  /** Cells that don't answer. */
  final Set<String> silent = ConcurrentHashMap.newKeySet();

  final CommandService service;
  final ManagedChannel channel;
  final VtctldGrpc.VtctldBlockingStub vtctld;

  CommandServiceFixture(Path directory) {
    topo = silencing(Topos.local(directory));
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

  private Topo silencing(Topo real) {
    return (Topo)
        Proxy.newProxyInstance(
            Topo.class.getClassLoader(),
            new Class<?>[] {Topo.class},
            (proxy, method, arguments) -> {
              boolean dead =
                  switch (method.getName()) {
                    case "tablets" -> !silent.isEmpty();
                    case "tabletsIn", "srvVSchema" -> silent.contains(arguments[0]);
                    default -> false;
                  };
              if (dead) {
                throw new TopoException(TopoException.Kind.UNAVAILABLE, "no answer: " + silent);
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
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
