package dev.shunt.tablet.vreplication;

import binlogdata.Binlogdata.VStreamRowsRequest;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.tabletclient.TabletStream;
import io.grpc.Status;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Objects;

/** A tablet of ours that does for streams what a stock vttablet does, and nothing more. */
final class StockTablet {
  private StockTablet() {}

  static TabletClient over(TabletClient client) {
    return (TabletClient)
        Proxy.newProxyInstance(
            StockTablet.class.getClassLoader(),
            new Class<?>[] {TabletClient.class},
            (_, method, arguments) -> {
              try {
                return switch (method.getName()) {
                  case "holdSnapshot" -> refused();
                  case "vStreamRows" ->
                      client.vStreamRows(
                          ((VStreamRowsRequest) Objects.requireNonNull(arguments)[0])
                              .toBuilder().clearOptions().build());
                  case "withSnapshot", "withDeadline" ->
                      over((TabletClient) method.invoke(client, arguments));
                  default -> method.invoke(client, arguments);
                };
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** A stream that ends as a call of a method does that the server does not know. */
  private static TabletStream<?> refused() {
    return (TabletStream<?>)
        Proxy.newProxyInstance(
            StockTablet.class.getClassLoader(),
            new Class<?>[] {TabletStream.class},
            (_, method, _) -> {
              if (method.getName().equals("close")) {
                return null;
              }
              throw new TabletException(
                  Status.Code.UNIMPLEMENTED,
                  "unknown service",
                  new UnsupportedOperationException());
            });
  }
}
