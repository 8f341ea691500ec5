package dev.shunt.tablet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.tablet.query.StatementGate;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Versioned;
import io.grpc.Status;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What RefreshState has read is in force, whatever the numbers of the topology's records. */
class PutBackTopoIT {
  @TempDir Path folder;
  private final AtomicLong back = new AtomicLong();
  private final AtomicBoolean gone = new AtomicBoolean();

  /** The same topology, whose records of shards have lower versions from a moment on. */
  private Topo seen(Topo real) {
    return (Topo)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Topo.class},
            (proxy, method, arguments) -> {
              Object result;
              try {
                result = method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
              if (!method.getName().equals("shard")) {
                return result;
              }
              return gone.get()
                  ? Optional.empty()
                  : ((Optional<?>) result)
                      .map(record -> (Versioned<?>) record)
                      .map(
                          record -> new Versioned<>(record.value(), record.version() - back.get()));
            });
  }

  @Test
  void aRecordWithALowerVersionIsInForceOnceItWasRead() {
    try (TestTablet tablet =
        new TestTablet(DatabaseKind.MARIADB_11_4, folder, Duration.ofSeconds(30), this::seen)) {
      tablet.run("CREATE TABLE customer (id BIGINT PRIMARY KEY)");
      String insert = "INSERT INTO customer VALUES (%d)";
      tablet.client().execute(insert.formatted(1));
      tablet.deny("other");
      tablet.client().refreshState();

      back.set(1_000_000);
      tablet.deny("customer");
      tablet.client().refreshState();

      assertThatThrownBy(() -> tablet.client().execute(insert.formatted(2)))
          .hasMessageContaining(StatementGate.DISALLOWED);
      tablet.deny();
      tablet.client().refreshState();
      tablet.client().execute(insert.formatted(3));
      assertThat(tablet.value("SELECT GROUP_CONCAT(id) FROM customer")).isEqualTo("1,3");
    }
  }

  @Test
  void refreshStateFailsWhenThereIsNoRecordToBeInForce() {
    try (TestTablet tablet =
        new TestTablet(DatabaseKind.MARIADB_11_4, folder, Duration.ofSeconds(30), this::seen)) {
      tablet.run("CREATE TABLE customer (id BIGINT PRIMARY KEY)");
      tablet.deny("customer");
      tablet.client().refreshState();

      gone.set(true);

      assertThatThrownBy(() -> tablet.client().refreshState())
          .isInstanceOfSatisfying(
              TabletException.class, e -> assertThat(e.code()).isEqualTo(Status.Code.NOT_FOUND))
          .hasMessageContaining("what it denied stays denied");
      assertThatThrownBy(() -> tablet.client().execute("INSERT INTO customer VALUES (1)"))
          .hasMessageContaining(StatementGate.DISALLOWED);
      gone.set(false);
    }
  }
}
