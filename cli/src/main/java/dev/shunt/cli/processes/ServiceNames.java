package dev.shunt.cli.processes;

import java.util.Iterator;

/** Names of the services, for the help. */
final class ServiceNames implements Iterable<String> {
  @Override
  public Iterator<String> iterator() {
    return ServiceFactory.ALL.keySet().iterator();
  }
}
