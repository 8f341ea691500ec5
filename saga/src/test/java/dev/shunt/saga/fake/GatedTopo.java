package dev.shunt.saga.fake;

import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoLock;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A topology that tells somebody of each call to it and to its locks before it takes place, and of
 * writes behind them too; who may throw, which then stands for a failure or a lost answer.
 */
final class GatedTopo {
  private static final Set<String> WRITES =
      Set.of("transact", "rebuildSrvVSchema", "updateSrvKeyspace", "deleteShard");

  private final Consumer<String> gate;
  private final BiConsumer<String, String> cellGate;
  private final Map<TopoLock, TopoLock> locks =
      Collections.synchronizedMap(new IdentityHashMap<>());

  private GatedTopo(Consumer<String> gate, BiConsumer<String, String> cellGate) {
    this.gate = gate;
    this.cellGate = cellGate;
  }

  /** Calls that need cells beside the global one are told to the other gate too, with each. */
  static Topo of(Topo topo, Consumer<String> gate, BiConsumer<String, String> cellGate) {
    return new GatedTopo(gate, cellGate).proxy(Topo.class, topo, "topo");
  }

  /** The cells without which a call can't be answered, beside the global one. */
  private static Collection<String> cells(
      Object real, Method method, Object @Nullable [] arguments) {
    if (!(real instanceof Topo topo)) {
      return List.of();
    }
    return switch (method.getName()) {
      case "tablets" -> topo.cells();
      case "srvVSchema", "srvKeyspace", "tabletsIn" -> List.of(String.valueOf(first(arguments)));
      case "updateSrvKeyspace" -> List.of(String.valueOf(Objects.requireNonNull(arguments)[1]));
      case "rebuildSrvVSchema" ->
          first(arguments) instanceof Collection<?> cells && cells.size() == 1
              ? List.of(String.valueOf(cells.iterator().next()))
              : List.of();
      case "primary" ->
          topo
              .shard(String.valueOf(first(arguments)), String.valueOf(arguments[1]))
              .map(shard -> shard.value().getPrimaryAlias().getCell())
              .stream()
              .toList();
      default -> List.of();
    };
  }

  private static Object first(Object @Nullable [] arguments) {
    return Objects.requireNonNull(arguments)[0];
  }

  private <T> T proxy(Class<T> type, T real, String name) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> call(method, real, name, arguments)));
  }

  private Object call(Method method, Object real, String name, Object @Nullable [] arguments)
      throws Throwable {
    String call = name + " " + method.getName();
    if (name.equals("topo") ? !method.getName().equals("close") : call.equals("lock check")) {
      gate.accept(call);
    }
    cells(real, method, arguments).forEach(cell -> cellGate.accept(call, cell));
    Object result = invoke(method, real, arguments);
    if (WRITES.contains(method.getName())) {
      gate.accept("answer of " + call);
    }
    return result instanceof TopoLock lock ? gated(lock) : result;
  }

  private Object invoke(Method method, Object real, Object @Nullable [] arguments)
      throws Throwable {
    try {
      return method.invoke(real, ungated(arguments));
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  private TopoLock gated(TopoLock real) {
    TopoLock lock = proxy(TopoLock.class, real, "lock");
    locks.put(lock, real);
    return lock;
  }

  /** The store knows its own locks only. */
  private Object @Nullable [] ungated(Object @Nullable [] arguments) {
    if (arguments == null) {
      return null;
    }
    Object[] real = arguments.clone();
    for (int i = 0; i < real.length; i++) {
      if (real[i] instanceof Collection<?> many
          && many.stream().anyMatch(TopoLock.class::isInstance)) {
        real[i] = many.stream().map(lock -> locks.getOrDefault(lock, (TopoLock) lock)).toList();
      }
    }
    return real;
  }
}
