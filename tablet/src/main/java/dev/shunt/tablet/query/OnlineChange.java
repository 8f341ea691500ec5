package dev.shunt.tablet.query;

import dev.shunt.tablet.RpcException;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Schema changes that are to be made online, of which Vitess tells tablets by directives in a
 * comment of the DDL. This tablet makes changes directly only: carried out that way all the same,
 * one would block the writes that its sender wanted to go on.
 */
final class OnlineChange {
  private static final Pattern STRATEGY =
      Pattern.compile("\\bstrategy\\s*=\\s*(?:\"([^\"]*)\"|'([^']*)'|(\\S+))");

  private OnlineChange() {}

  /**
   * Lets a DDL through that is to be carried out directly.
   *
   * @param directives text of its directives
   * @throws RpcException UNIMPLEMENTED when they name another strategy
   */
  static void refuse(String directives) {
    Matcher matcher = STRATEGY.matcher(directives);
    while (matcher.find()) {
      String strategy = decoded(value(matcher));
      if (!strategy.isEmpty() && !strategy.equals("direct")) {
        throw new RpcException(
            Status.Code.UNIMPLEMENTED,
            "this tablet makes no online schema changes: strategy "
                + strategy
                + " is not supported, nothing was changed; use --ddl-strategy direct");
      }
    }
  }

  private static String value(Matcher matcher) {
    for (int group = 1; group <= matcher.groupCount(); group++) {
      String value = matcher.group(group);
      if (value != null) {
        return value;
      }
    }
    return "";
  }

  /** Vitess writes the bytes of a value in hexadecimal digits. */
  private static String decoded(String value) {
    boolean hexadecimal = value.length() % 2 == 0 && value.chars().allMatch(HexFormat::isHexDigit);
    return hexadecimal ? new String(HexFormat.of().parseHex(value), StandardCharsets.UTF_8) : value;
  }
}
