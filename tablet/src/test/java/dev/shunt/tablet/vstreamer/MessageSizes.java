package dev.shunt.tablet.vstreamer;

import dev.shunt.tablet.TabletParts.Context;
import dev.shunt.tablet.VStreamer;
import dev.shunt.topo.Versioned;
import java.time.Clock;
import vschema.Vschema;

/** Makes streamers whose messages are as small as a test needs them to be cut off between them. */
public final class MessageSizes {
  private MessageSizes() {}

  static DatabaseVStreamer.Sizes of(int bytes) {
    DatabaseVStreamer.Sizes usual = DatabaseVStreamer.Sizes.DEFAULT;
    return bytes < usual.packetBytes() ? new DatabaseVStreamer.Sizes(bytes, 4L * bytes) : usual;
  }

  /**
   * With messages of so many bytes, and with tables that are cut into parts of a few messages where
   * that is less than usual.
   */
  public static VStreamer streamer(Context context, int bytes, Clock clock) {
    return new DatabaseVStreamer(
        context.identity(),
        context.endpoint(),
        () ->
            context
                .topo()
                .srvVSchema(context.identity().cell())
                .map(Versioned::value)
                .orElse(Vschema.SrvVSchema.getDefaultInstance()),
        clock,
        context.throttler(),
        of(bytes));
  }
}
