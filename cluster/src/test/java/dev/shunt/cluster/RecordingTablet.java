package dev.shunt.cluster;

import dev.shunt.tabletclient.Fence;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import io.grpc.Status;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A client of a tablet that notes its calls, as {@code method(arguments)} with fence and limit
 * before it, and answers what the test put there, one answer a call of a method.
 */
final class RecordingTablet {
  static final ShardPrimary SHARD =
      new ShardPrimary(
          "cust'omer",
          "-80",
          Topodata.Shard.getDefaultInstance(),
          Topodata.Tablet.newBuilder()
              .setAlias(Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(200))
              .setKeyspace("cust'omer")
              .setShard("-80")
              .setDbNameOverride("d'b")
              .build());

  final List<String> calls = new ArrayList<>();
  private final Map<String, Queue<Object>> answers = new HashMap<>();

  /** Answers the next calls of a method so; an exception is thrown. */
  RecordingTablet on(String method, Object... all) {
    answers.computeIfAbsent(method, name -> new ArrayDeque<>()).addAll(Arrays.asList(all));
    return this;
  }

  TabletClient client() {
    return client("");
  }

  private TabletClient client(String prefix) {
    InvocationHandler handler =
        (proxy, method, arguments) -> call((TabletClient) proxy, prefix, method, arguments);
    return (TabletClient)
        Proxy.newProxyInstance(
            TabletClient.class.getClassLoader(), new Class<?>[] {TabletClient.class}, handler);
  }

  private @Nullable Object call(
      TabletClient self, String prefix, Method method, Object @Nullable [] arguments)
      throws Throwable {
    switch (method.getName()) {
      case "tablet" -> {
        return SHARD.tablet();
      }
      case "withFence" -> {
        return client(prefix + ((Fence) first(arguments)) + " ");
      }
      case "withDeadline" -> {
        return client(prefix + ((Duration) first(arguments)) + " ");
      }
      default -> {
        if (method.isDefault()) {
          return InvocationHandler.invokeDefault(self, method, arguments);
        }
      }
    }
    calls.add(prefix + method.getName() + text(arguments));
    Queue<Object> left = answers.get(method.getName());
    Object answer = left == null ? null : left.poll();
    if (answer instanceof Throwable failure) {
      throw failure;
    }
    if (answer == null && method.getReturnType() == Query.QueryResult.class) {
      return Query.QueryResult.getDefaultInstance();
    }
    return answer;
  }

  private static Object first(Object @Nullable [] arguments) {
    if (arguments == null) {
      throw new AssertionError("no argument");
    }
    return arguments[0];
  }

  private static String text(Object @Nullable [] arguments) {
    String all = arguments == null ? "[]" : Arrays.toString(arguments);
    return "(" + all.substring(1, all.length() - 1) + ")";
  }

  /** A result that says how many rows were changed. */
  static Query.QueryResult changed(long rows) {
    return Query.QueryResult.newBuilder().setRowsAffected(rows).build();
  }

  /** A result of rows of one text each. */
  static Query.QueryResult rows(String column, String... values) {
    Query.QueryResult.Builder result =
        Query.QueryResult.newBuilder().addFields(Query.Field.newBuilder().setName(column));
    for (String value : values) {
      com.google.protobuf.ByteString bytes = com.google.protobuf.ByteString.copyFromUtf8(value);
      result.addRows(Query.Row.newBuilder().addLengths(bytes.size()).setValues(bytes));
    }
    return result.build();
  }

  static TabletException failure(Status.Code code, String message) {
    return new TabletException(
        code, message, Status.fromCode(code).withDescription(message).asRuntimeException());
  }
}
