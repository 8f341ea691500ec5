package dev.shunt.saga.fake;

import dev.shunt.topo.Topo;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;

/** A topology that tells somebody of each call before it takes place; who may throw. */
final class GatedTopo {
  private GatedTopo() {}

  static Topo of(Topo topo, Consumer<String> gate) {
    return (Topo)
        Proxy.newProxyInstance(
            Topo.class.getClassLoader(),
            new Class<?>[] {Topo.class},
            (proxy, method, arguments) -> {
              if (!method.getName().equals("close")) {
                gate.accept("topo " + method.getName());
              }
              try {
                return method.invoke(topo, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause() == null ? e : e.getCause();
              }
            });
  }
}
