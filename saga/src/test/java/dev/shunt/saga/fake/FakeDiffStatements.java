package dev.shunt.saga.fake;

import dev.shunt.cluster.StreamControl;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The statements by which a diff stops streams and starts them again, for a test that takes this
 * cluster for clients of tablets only. Knows these and no others.
 */
final class FakeDiffStatements {
  private static final Pattern UPDATE =
      Pattern.compile(
          "update _vt\\.vreplication set (?<set>.*) where db_name='[^']*' and"
              + " workflow='(?<workflow>[^']*)'(?: and id=(?<id>\\d+))?(?<rest>.*)");
  private static final Pattern STOP_AT = Pattern.compile(".*stop_pos='([^']+)'.*");

  private FakeDiffStatements() {}

  /** Does what a statement says. */
  static void run(String sql, Function<String, StreamControl> streams) {
    Matcher update = UPDATE.matcher(sql);
    if (!update.matches()) {
      throw new UnsupportedOperationException(sql);
    }
    StreamControl control = streams.apply(update.group("workflow"));
    Matcher end = STOP_AT.matcher(update.group("set"));
    if (end.matches()) {
      control.runTo(Integer.parseInt(update.group("id")), end.group(1));
    } else if (update.group("rest").isEmpty()) {
      control.stopForDiff(0);
    } else {
      control.startAfterDiff(0);
    }
  }
}
