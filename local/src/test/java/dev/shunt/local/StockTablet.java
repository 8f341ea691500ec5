package dev.shunt.local;

import dev.shunt.tablet.StreamingParts;
import dev.shunt.tablet.Tablet;
import dev.shunt.tablet.TabletConfig;
import dev.shunt.tablet.TabletParts;
import dev.shunt.tablet.VReplicationEngine;
import dev.shunt.tablet.VStreamer;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import io.grpc.ServerInterceptor;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stand-in for a stock vttablet of Vitess 24, beside a real database: a tablet of ours without
 * what Vitess does not have ({@link StockAnswers}), whose streams follow journals ({@link
 * JournalFollowing}).
 */
final class StockTablet implements AutoCloseable {
  private final Tablet tablet;
  private final Parts parts;

  /** Starts it. */
  StockTablet(TabletConfig config, Topo topo, TabletClients clients) {
    this.parts = new Parts(new StreamingParts(clients, Duration.ofSeconds(1)), clients);
    this.tablet = new Tablet(config, topo, parts);
    tablet.start();
  }

  /** How many of its streams have followed a journal. */
  int followed() {
    JournalFollowing engine = parts.engine;
    return engine == null ? 0 : engine.followed();
  }

  @Override
  public void close() {
    JournalFollowing engine = parts.engine;
    if (engine != null) {
      engine.end();
    }
    tablet.close();
  }

  private static final class Parts implements TabletParts {
    private final TabletParts ours;
    private final TabletClients clients;
    private @Nullable JournalFollowing engine;

    Parts(TabletParts ours, TabletClients clients) {
      this.ours = ours;
      this.clients = clients;
    }

    @Override
    public VStreamer streamer(Context context) {
      return ours.streamer(context);
    }

    @Override
    public VReplicationEngine engine(Context context) {
      JournalFollowing following = new JournalFollowing(ours.engine(context), context, clients);
      engine = following;
      return following;
    }

    @Override
    public List<ServerInterceptor> interceptors(Context context) {
      return List.of(new StockAnswers(context.identity().aliasText(), context.endpoint()));
    }
  }
}
