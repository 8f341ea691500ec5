package dev.shunt.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.cli.Shunt;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What {@code up} refuses before it starts anything; never with the password that was given. */
class UpFlagsTest {
  private static final String NEEDS =
      "--mysql needs KEYSPACE/SHARD=URL, for instance old/0=mysql://u:***@db:3306/shop";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--mysql mysql://u:geheim@db/shop|" + NEEDS,
        "--mysql jdbc:mysql://db/shop?user=u&password=geheim|" + NEEDS,
        "--mysql mysql://u:geheim@db/shop?sslMode=REQUIRED|" + NEEDS,
        "--mysql a/0=postgres://u:geheim@db/shop|--mysql a/0: not an address of MySQL or MariaDB",
        "--mysql a/0=mysql://u:geheim#@db/shop|--mysql a/0: the address of the database is"
            + " malformed",
        "--mysql a/0=mysql://u:geheim@db/s --mysql a/0=mysql://u:geheim@db/t|--mysql a/0: named"
            + " twice",
        "--mysql a/-80=mysql://u:geheim@db/s|--mysql and --shard: keyspace a: no shard for keys"
            + " from the end of -80",
        "--mysql a/0=mysql://u:geheim@db/s --mysql b/0=mysql://u:geheim@db/s|--mysql and --shard:"
            + " a/0 and b/0 have the same database, s on db:3306",
        "--mysql a/0=mysql://u:geheim@db/s --shard a/0|--mysql and --shard: a/0: named twice",
        "--mysql a/0=mysql://u:geheim@db/s --shop 100|--shop fills commerce/0",
        "--mysql a/0=mysql://u:geheim@db/s --no-tablets --etcd h:1|--mysql and --shard put a tablet",
        "--shop 50|--shop must be between 100 and 100,000,000, not 50",
        "--shop -1|--shop must be between 100 and 100,000,000, not -1",
        "--shop 100000001|--shop must be between 100 and 100,000,000, not 100,000,001",
        "--data-dir /tmp/a,b|the folder /tmp/a,b has a ',' or a ':' in its path",
        "--data-dir /tmp/2025-01-01T10:00|the folder /tmp/2025-01-01T10:00 has a ',' or a ':'",
        "--mysql a/0=mysql://u:geheim@db/s?ssl-mode=REQUIRED|--mysql a/0: unknown setting 'ssl-mode'",
        "--mysql a/0= mysql://u:geheim@db/s|",
      })
  void refuses(String options, String message) {
    StringWriter err = new StringWriter();
    CommandLine line = Shunt.commandLine().setErr(new PrintWriter(err, true));

    int exitCode = line.execute(Arrays.asList(("up " + options).split(" ")).toArray(String[]::new));

    assertThat(exitCode).isNotZero();
    assertThat(err.toString())
        .startsWith("Error: " + (message == null ? "" : message))
        .doesNotContain("geheim")
        .hasLineCount(1);
  }
}
