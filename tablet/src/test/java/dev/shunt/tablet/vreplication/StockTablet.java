package dev.shunt.tablet.vreplication;

import binlogdata.Binlogdata.VStreamRowsRequest;
import binlogdata.Binlogdata.VStreamRowsResponse;
import dev.shunt.tabletclient.RowPacket;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.tabletclient.TabletStream;
import io.grpc.Status;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.function.UnaryOperator;

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
                      mapped(
                          client.vStreamRows(
                              ((VStreamRowsRequest) Objects.requireNonNull(arguments)[0])
                                  .toBuilder().clearOptions().build()),
                          StockTablet::withBareKey);
                  case "withSnapshot", "withDeadline" ->
                      over((TabletClient) method.invoke(client, arguments));
                  default -> method.invoke(client, arguments);
                };
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Of a key's columns it tells no more than name, type, character set and flags. */
  private static RowPacket withBareKey(RowPacket packet) {
    if (packet.head().getPkfieldsCount() == 0) {
      return packet;
    }
    VStreamRowsResponse.Builder message = packet.toMessage().toBuilder();
    message
        .getPkfieldsBuilderList()
        .forEach(field -> field.clearColumnLength().clearColumnType().clearDecimals());
    return RowPacket.of(message.build());
  }

  private static <T> TabletStream<T> mapped(TabletStream<T> stream, UnaryOperator<T> change) {
    return new TabletStream<>() {
      @Override
      public boolean hasNext() {
        return stream.hasNext();
      }

      @Override
      public T next() {
        return change.apply(stream.next());
      }

      @Override
      public void close() {
        stream.close();
      }
    };
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
