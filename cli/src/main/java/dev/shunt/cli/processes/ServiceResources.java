package dev.shunt.cli.processes;

import dev.shunt.schemas.registry.HttpRegistryClient;
import dev.shunt.service.KafkaSettings;
import dev.shunt.service.Service;
import dev.shunt.service.TopoSettings;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/** Opens what services are made with, and remembers it to be closed. */
final class ServiceResources {
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  Topo topo(TopoSettings settings) {
    return add(
        settings.implementation().equals("local")
            ? Topos.local(Path.of(settings.directory()))
            : Topos.etcd(String.join(",", settings.endpoints()), settings.globalRoot()));
  }

  TabletClients tablets() {
    return add(TabletClients.grpc(TabletClientConfig.DEFAULT));
  }

  HttpRegistryClient registry(KafkaSettings settings) {
    return add(new HttpRegistryClient(settings.registryUrl()));
  }

  Service afterTopics(KafkaSettings settings, Service service) {
    return new AfterTopics(settings, service);
  }

  OwnedService with(Service service) {
    return new OwnedService(service, opened);
  }

  private <T extends AutoCloseable> T add(T part) {
    opened.push(part);
    return part;
  }
}
