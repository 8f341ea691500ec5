package dev.shunt.tabletclient;

import binlogdata.Binlogdata.VStreamOptions;
import com.google.protobuf.InvalidProtocolBufferException;
import io.vitess.proto.Query;
import java.util.Base64;
import java.util.Optional;

/**
 * The last key that a call of VStreamRows is to send a row of: with the request's {@code lastpk} it
 * bounds a part of a table. It travels in the request's {@code config_overrides}, which a stock
 * vttablet has too but makes nothing of; so a tablet that keeps to it sends it back as the {@code
 * lastpk} of its first message, and a caller must not take rows from one that does not.
 */
public final class RowBound {
  private static final String UNTIL = "shunt-until-key";

  private RowBound() {}

  /**
   * Adds the bound to a request's options.
   *
   * @param until values of the key's columns, each as a SELECT gives it
   */
  public static VStreamOptions in(VStreamOptions options, Query.Row until) {
    return options.toBuilder()
        .putConfigOverrides(UNTIL, Base64.getEncoder().encodeToString(until.toByteArray()))
        .build();
  }

  /**
   * The bound in a request's options; empty without one.
   *
   * @throws IllegalArgumentException when it is malformed
   */
  public static Optional<Query.Row> of(VStreamOptions options) {
    String text = options.getConfigOverridesOrDefault(UNTIL, "");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Query.Row.parseFrom(Base64.getDecoder().decode(text)));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("the last key of rows is malformed", e);
    }
  }
}
