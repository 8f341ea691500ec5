package dev.shunt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.vitess.proto.Topodata;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tabletmanagerdata.Tabletmanagerdata;
import vschema.Vschema;
import vtctldata.Vtctldata;

/** What the verbs on a cluster send and print, and what they refuse before they send anything. */
class VerbEdgesTest {
  private FakeVtctld vtctld;

  @BeforeEach
  void start() throws IOException {
    vtctld = new FakeVtctld();
  }

  @AfterEach
  void stop() {
    vtctld.close();
  }

  /** As the program does it: with the verb that is named, and not all others. */
  private static FakeVtctld.Run run(List<String> words, String server) {
    List<String> all = new ArrayList<>(words);
    all.add(server);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Shunt.commandLine(all.getFirst())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(all.toArray(String[]::new));
    return new FakeVtctld.Run(exitCode, out.toString(), err.toString());
  }

  private FakeVtctld.Run execute(String... words) {
    return run(List.of(words), "--server=" + vtctld.address());
  }

  private void refuses(String sentence, String... words) {
    FakeVtctld.Run run = execute(words);
    assertThat(run.err()).isEqualTo("Error: " + sentence + System.lineSeparator());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
  }

  private String prints(String... words) {
    FakeVtctld.Run run = execute(words);
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    return run.out().replace(System.lineSeparator(), "\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"customer", "customer/", "/0", "a/b/c"})
  void aShardIsNamedWithItsKeyspace(String path) {
    refuses("invalid shard path: \"" + path + "\"", "getshard", path);
    refuses("invalid shard path: \"" + path + "\"", "createshard", path);
    refuses(
        "invalid shard path: \"" + path + "\"",
        "setshardtabletcontrol",
        "--denied-tables=t",
        path,
        "primary");
  }

  @ParameterizedTest
  @ValueSource(strings = {"zone1", "zone1-", "-5", "zone1-4294967296"})
  void aTabletIsNamedByItsCellAndNumber(String alias) {
    for (String verb : List.of("gettablet", "refreshstate", "getschema")) {
      refuses("invalid tablet alias: '" + alias + "'", verb, alias);
    }
    refuses("invalid tablet alias: '" + alias + "'", "gettablets", "--tablet-alias", alias);
  }

  @Test
  void aCellMayHaveADashAndANumberAllItsBits() {
    vtctld.answering("RefreshState", Vtctldata.RefreshStateResponse.getDefaultInstance());

    assertThat(prints("refreshstate", "zone-1-4294967295"))
        .isEqualTo("Refreshed state on zone-1-4294967295\n");

    assertThat(vtctld.request("RefreshState", Vtctldata.RefreshStateRequest.class).getTabletAlias())
        .isEqualTo(Topodata.TabletAlias.newBuilder().setCell("zone-1").setUid(-1).build());
  }

  @ParameterizedTest
  @ValueSource(strings = {"bogus", "UNRECOGNIZED", ""})
  void aKeyspaceIsOfAKindThatThereIs(String type) {
    refuses(
        "invalid type: " + type + ", want NORMAL or SNAPSHOT",
        "createkeyspace",
        "--type",
        type,
        "customer");
  }

  @Test
  void kindsAreReadInAnyCase() {
    vtctld.answering("CreateKeyspace", Vtctldata.CreateKeyspaceResponse.getDefaultInstance());

    assertThat(prints("createkeyspace", "--type", "snapshot", "--base-keyspace", "b", "customer"))
        .startsWith("Successfully created keyspace customer. Result:\n");

    Vtctldata.CreateKeyspaceRequest request =
        vtctld.request("CreateKeyspace", Vtctldata.CreateKeyspaceRequest.class);
    assertThat(request.getType()).isEqualTo(Topodata.KeyspaceType.SNAPSHOT);
    assertThat(request.getBaseKeyspace()).isEqualTo("b");
    assertThat(request.getSidecarDbName()).isEqualTo("_vt");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UNRECOGNIZED", "later", "unrecognized"})
  void whatIsToBeDoneWithDdlIsKnown(String action) {
    refuses(
        "invalid on-ddl value: " + action,
        "workflow",
        "--keyspace=customer",
        "update",
        "--workflow=c2c",
        "--on-ddl=" + action);
    refuses(
        "invalid on-ddl value: " + action,
        "movetables",
        "--target-keyspace=customer",
        "--workflow=c2c",
        "create",
        "--source-keyspace=commerce",
        "--all-tables",
        "--on-ddl=" + action);
  }

  @Test
  void tablesAreDeniedOnPrimariesAlone() {
    refuses(
        "tables are denied on the primary only, not on replica",
        "setshardtabletcontrol",
        "customer/0",
        "replica");
    vtctld.answering(
        "SetShardTabletControl", Vtctldata.SetShardTabletControlResponse.getDefaultInstance());
    String unused =
        prints("setshardtabletcontrol", "--denied-tables=a,b", "-r", "customer/0", "PRIMARY");
    Vtctldata.SetShardTabletControlRequest request =
        vtctld.request("SetShardTabletControl", Vtctldata.SetShardTabletControlRequest.class);
    assertThat(request.getDeniedTablesList()).containsExactly("a", "b");
    assertThat(request.getRemove()).isTrue();
  }

  @Test
  void tabletsArePrintedInOneOfTwoForms() {
    refuses("invalid output format, got yaml", "gettablets", "--format=yaml");
    vtctld.answering("GetTablets", Vtctldata.GetTabletsResponse.getDefaultInstance());
    assertThat(prints("gettablets", "--format=JSON")).isEqualTo("[]\n");
    assertThat(prints("gettablets", "--tablet-type=rdonly", "-c", "a,b", "--strict")).isEmpty();
    Vtctldata.GetTabletsRequest request =
        vtctld.request("GetTablets", Vtctldata.GetTabletsRequest.class);
    assertThat(request.getTabletType()).isEqualTo(Topodata.TabletType.RDONLY);
    assertThat(request.getCellsList()).containsExactly("a", "b");
    assertThat(request.getStrict()).isTrue();
  }

  @Test
  void ofASchemaEitherNamesOrSizesAreLeft() {
    refuses(
        "can only pass one of --table-names-only and --table-sizes-only",
        "getschema",
        "-n",
        "-s",
        "zone1-100");
    vtctld.answering(
        "GetSchema",
        Vtctldata.GetSchemaResponse.newBuilder()
            .setSchema(
                Tabletmanagerdata.SchemaDefinition.newBuilder()
                    .addTableDefinitions(
                        Tabletmanagerdata.TableDefinition.newBuilder().setName("b"))
                    .addTableDefinitions(
                        Tabletmanagerdata.TableDefinition.newBuilder().setName("a")))
            .build());
    assertThat(prints("getschema", "--table-names-only", "zone1-100")).isEqualTo("b\na\n");
  }

  @Test
  void rulesComeFromOnePlace(@TempDir Path folder) throws IOException {
    refuses("must pass exactly one of --rules or --rules-file", "applyroutingrules");
    refuses(
        "must pass exactly one of --rules or --rules-file",
        "applyshardroutingrules",
        "--rules={}",
        "--rules-file=x");
    FakeVtctld.Run malformed = execute("applyroutingrules", "--rules={\"rules\": 7");
    assertThat(malformed.exitCode()).isEqualTo(1);
    assertThat(malformed.err()).startsWith("Error: malformed JSON: ");

    Path file = Files.writeString(folder.resolve("r.json"), "{\"rules\": [], \"unknown\": 1}");
    vtctld.answering("ApplyRoutingRules", Vtctldata.ApplyRoutingRulesResponse.getDefaultInstance());
    assertThat(prints("applyroutingrules", "--rules-file=" + file, "--skip-rebuild", "--cells=a,b"))
        .startsWith("New RoutingRules object:\n")
        .endsWith(
            "Skipping rebuild of VSchema graph, will need to run RebuildVSchemaGraph for changes to"
                + " take effect.\n");
    Vtctldata.ApplyRoutingRulesRequest request =
        vtctld.request("ApplyRoutingRules", Vtctldata.ApplyRoutingRulesRequest.class);
    assertThat(request.getSkipRebuild()).isTrue();
    assertThat(request.getRebuildCellsList()).containsExactly("a", "b");
  }

  /** It sends nothing: the server here would refuse. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--dry-run | [DRY RUN] Would have rebuilt the VSchema graph in all cells",
        "--dry-run --cells=a,b | [DRY RUN] Would have rebuilt the VSchema graph in the following cells: a, b.",
        "--dry-run --skip-rebuild | [DRY RUN] Would not have rebuilt VSchema graph, would have required operator to run RebuildVSchemaGraph for changes to take effect",
      })
  void aDryRunOfRulesSaysWhatWouldBeRebuilt(String flags, String sentence) {
    for (String kind : List.of("RoutingRules", "ShardRoutingRules")) {
      List<String> words = new ArrayList<>(List.of(flags.split(" ", -1)));
      words.addAll(0, List.of("apply" + kind.toLowerCase(Locale.ROOT), "--rules={}"));
      FakeVtctld.Run run = execute(words.toArray(String[]::new));
      assertThat(run.out().replace(System.lineSeparator(), "\n"))
          .startsWith("[DRY RUN] Would have saved new " + kind + " object:\n")
          .endsWith("\n" + sentence + "\n");
      assertThat(run.exitCode()).isZero();
    }
  }

  @Test
  void aVSchemaComesFromOnePlace() {
    String one =
        "one of the sql, sql-file, vschema, or vschema-file flags must be specified when calling"
            + " the ApplyVSchema command";
    refuses(one, "applyvschema", "customer");
    refuses(one, "applyvschema", "--sql=x", "--vschema={}", "customer");
    refuses(
        "must pass exactly one of --vschema or --vschema-file",
        "applyvschema",
        "--vschema={}",
        "--vschema-file=x",
        "customer");
    refuses(
        "there is no file or folder /nowhere/x",
        "applyvschema",
        "--vschema-file=/nowhere/x",
        "customer");
    vtctld.answering(
        "ApplyVSchema",
        Vtctldata.ApplyVSchemaResponse.newBuilder()
            .setVSchema(Vschema.Keyspace.newBuilder().setSharded(true))
            .build());
    assertThat(prints("applyvschema", "--vschema={\"sharded\":true}", "--dry-run", "customer"))
        .startsWith("New VSchema object:\n{\n  \"sharded\": true,");
    Vtctldata.ApplyVSchemaRequest request =
        vtctld.request("ApplyVSchema", Vtctldata.ApplyVSchemaRequest.class);
    assertThat(request.getDryRun()).isTrue();
    assertThat(request.getVSchema().getSharded()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "0, --limit must be a positive value",
    "-1, --limit must be a positive value"
  })
  void aDiffComparesARowAtLeast(String limit, String sentence) {
    vtctld.answering("VDiffCreate", Vtctldata.VDiffCreateResponse.getDefaultInstance());
    String[] words = {
      "vdiff", "--workflow=c2c", "--target-keyspace=customer", "create", "--limit=" + limit
    };
    if (limit.equals("1")) {
      assertThat(prints(words)).contains("scheduled on target shards");
    } else {
      refuses(sentence, words);
    }
  }

  @Test
  void aDiffIsNamedByAUuid() {
    String[] before = {"vdiff", "--workflow=c2c", "--target-keyspace=customer"};
    for (String action : List.of("show", "stop", "resume", "delete", "create")) {
      refuses("invalid UUID provided: x", before[0], before[1], before[2], action, "x");
    }
    refuses(
        "--max-extra-rows-to-compare must not be a negative value",
        before[0],
        before[1],
        before[2],
        "create",
        "--max-extra-rows-to-compare=-1");
    refuses("required flag(s) \"target-keyspace\", \"workflow\" not set", "vdiff", "show", "all");
  }

  // --- failures ------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "FAILED_PRECONDITION, FailedPrecondition",
    "NOT_FOUND, NotFound",
    "CANCELLED, Canceled",
    "DEADLINE_EXCEEDED, DeadlineExceeded",
    "OUT_OF_RANGE, OutOfRange",
    "UNKNOWN, Unknown",
  })
  void codesHaveTheirNamesInGo(Status.Code code, String name) {
    assertThat(FailurePrinter.sentence(failure(code, "why")))
        .isEqualTo("rpc error: code = " + name + " desc = why");
    assertThat(FailurePrinter.sentence(failure(code, null)))
        .isEqualTo("rpc error: code = " + name + " desc = ");
  }

  private static StatusRuntimeException failure(
      Status.Code code, @org.jspecify.annotations.Nullable String description) {
    return Status.fromCode(code).withDescription(description).asRuntimeException();
  }

  @Test
  void aServerThatIsAwayIsToldWithWhatToDo() {
    Exception refused =
        Status.UNAVAILABLE
            .withDescription("io exception")
            .withCause(new java.net.ConnectException("Connection refused"))
            .asRuntimeException();
    assertThat(FailurePrinter.sentence(refused))
        .isEqualTo(
            "rpc error: code = Unavailable desc = io exception: Connection refused; is `./shunt up`"
                + " running? Another command service is named by --server");
  }

  // --- words that are no verb ----------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "'', '', 0",
    "'', abc, 3",
    "abc, abc, 0",
    "abc, abd, 1",
    "abc, bc, 1",
    "abc, xabc, 1",
    "kitten, sitting, 3",
    "ab, ba, 2"
  })
  void wordsAreAsFarAsLettersMustChange(String one, String other, int distance) {
    assertThat(VitessVerbs.distance(one, other)).isEqualTo(distance);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void distancesAreThoseOfAPlane(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      String a = word(random);
      String b = word(random);
      String c = word(random);
      int ab = VitessVerbs.distance(a, b);
      assertThat(ab).isEqualTo(VitessVerbs.distance(b, a));
      assertThat(ab == 0).isEqualTo(a.equals(b));
      assertThat(VitessVerbs.distance(a, c)).isLessThanOrEqualTo(ab + VitessVerbs.distance(b, c));
      assertThat(ab).isBetween(Math.abs(a.length() - b.length()), Math.max(a.length(), b.length()));
    }
  }

  private static String word(Random random) {
    return random
        .ints(random.nextInt(6), 'a', 'd')
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  // --- locks, over HTTP ----------------------------------------------------------------------

  private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();

  private HttpServer http(int status, String answer) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
          byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    return server;
  }

  private FakeVtctld.Run locks(int status, String answer, String... words) throws IOException {
    HttpServer server = http(status, answer);
    try {
      return run(List.of(words), "--http=http://127.0.0.1:" + server.getAddress().getPort());
    } finally {
      server.stop(0);
    }
  }

  @Test
  void aLockIsNamedToTheServerWhateverItsName() throws IOException {
    FakeVtctld.Run run =
        locks(
            200,
            "{\"broken\": true, \"holder\": \"ann@h\"}",
            "locks",
            "break",
            "keyspaces/a b+c?d",
            "--issuer=ä&b",
            "--reason=1+1 = 2");
    assertThat(run.out()).startsWith("Broke keyspaces/a b+c?d: ann@h");
    assertThat(asked)
        .containsExactly(
            "DELETE /api/locks/keyspaces/a%20b%2Bc%3Fd?issuer=%C3%A4%26b&reason=1%2B1+%3D+2");
    assertThat(locks(200, "{\"broken\": false}", "locks", "break", "x").out())
        .startsWith("x was gone already");
  }

  @Test
  void aLockWithoutATimeIsListedAllTheSame() throws IOException {
    assertThat(locks(200, "[]", "locks", "list").out()).startsWith("no locks");
    FakeVtctld.Run run =
        locks(
            200,
            "[{\"key\":\"keyspaces/a\",\"holds\":true,\"user\":\"u\",\"host\":\"h\"},"
                + "{\"key\":\"keyspaces/b\",\"since\":\"2026-01-01T00:00:00Z\"}]",
            "locks",
            "list");
    assertThat(run.out().lines().toList())
        .hasSize(7)
        .anyMatch(line -> line.matches("\\|\\s+keyspaces/a \\|\\s+held .*u@h .*unknown \\|"))
        .anyMatch(line -> line.matches("\\|\\s+keyspaces/b \\|\\s+waiting .*@ .*\\d+ s \\|"));
  }

  @Test
  void whoeverElseAnswersIsToldWithItsStatus() throws IOException {
    assertThat(locks(409, "{\"error\": \"held by ann\"}", "locks", "break", "x").err())
        .startsWith("Error: held by ann");
    assertThat(locks(404, "<html>", "locks", "list").err())
        .matches(
            "(?s)Error: http://127.0.0.1:\\d+ answered 404: is it the HTTP face of a command"
                + " service\\?\\R");
    assertThat(locks(500, "[]", "locks", "list").exitCode()).isEqualTo(1);
  }
}
