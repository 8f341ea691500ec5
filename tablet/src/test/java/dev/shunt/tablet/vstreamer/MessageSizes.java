package dev.shunt.tablet.vstreamer;

import dev.shunt.tablet.TabletParts.Context;
import dev.shunt.tablet.VStreamer;
import dev.shunt.topo.Versioned;
import java.time.Clock;
import vschema.Vschema;

/** Makes streamers whose messages are as small as a test needs them to be cut off between them. */
public final class MessageSizes {
  private MessageSizes() {}

  public static VStreamer streamer(Context context, int bytes) {
    return new DatabaseVStreamer(
        context.identity(),
        context.endpoint(),
        () ->
            context
                .topo()
                .srvVSchema(context.identity().cell())
                .map(Versioned::value)
                .orElse(Vschema.SrvVSchema.getDefaultInstance()),
        Clock.systemUTC(),
        context.throttler(),
        bytes);
  }
}
