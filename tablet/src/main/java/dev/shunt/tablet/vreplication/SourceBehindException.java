package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.Position;
import dev.shunt.tabletclient.TabletClient;
import org.jspecify.annotations.Nullable;

/** A source's tablet lacks changes that the stream has already. Another one may have them. */
final class SourceBehindException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one.
   *
   * @param has what the tablet has, in words
   */
  SourceBehindException(
      TabletClient source, String has, Position stream, @Nullable Throwable cause) {
    super(
        "source tablet %s-%d is behind the stream: %s, the stream has %s; waiting for it or another"
            .formatted(
                source.tablet().getAlias().getCell(),
                source.tablet().getAlias().getUid(),
                has,
                stream.encoded()),
        cause);
  }
}
