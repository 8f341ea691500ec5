package dev.shunt.tablet;

import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.topo.Topo;
import io.grpc.ServerInterceptor;
import java.time.Duration;
import java.util.List;

/** Makes the parts of a tablet that read and write streams. */
public interface TabletParts {
  /**
   * What a tablet gives to its parts.
   *
   * @param identity which tablet it is
   * @param endpoint its database server, with the tablet's database as default
   * @param topo the topology
   * @param throttler says when the database is too busy
   * @param maxTimeToRetryOnError how long a stream may fail with the same error; zero for ever
   */
  record Context(
      TabletIdentity identity,
      MysqlEndpoint endpoint,
      Topo topo,
      Throttler throttler,
      Duration maxTimeToRetryOnError) {}

  /** The source side of streams. */
  VStreamer streamer(Context context);

  /** The target side of streams. */
  VReplicationEngine engine(Context context);

  /** Sees every call before the tablet does; by default there is none. */
  default List<ServerInterceptor> interceptors(Context context) {
    return List.of();
  }
}
