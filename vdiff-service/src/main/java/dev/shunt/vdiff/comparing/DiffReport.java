package dev.shunt.vdiff.comparing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import dev.shunt.workflow.sql.SqlNames;
import io.vitess.proto.Query;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a comparison found, in the form of Vitess's reports. */
public final class DiffReport {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TRUNCATED = "...[TRUNCATED]";
  private static final int SLACK = 20;

  /** Of all samples together; the report must fit into an event and, with others, into a status. */
  private static final int SAMPLE_BYTES = 256 * 1024;

  private final String table;
  private final List<Query.Field> fields;
  private final int[] key;
  private final ReportSettings settings;
  private final List<Map<String, Object>> extraSourceSample = new ArrayList<>();
  private final List<Map<String, Object>> extraTargetSample = new ArrayList<>();
  private final List<Map<String, Object>> mismatchSample = new ArrayList<>();
  private int sampleBytes;
  private boolean samplesCut;
  private long matching;
  private long mismatched;
  private long extraSource;
  private long extraTarget;

  DiffReport(String table, List<Query.Field> fields, int[] key, ReportSettings settings) {
    this.table = table;
    this.fields = List.copyOf(fields);
    this.key = key.clone();
    this.settings = settings;
  }

  void matching() {
    matching++;
  }

  void mismatch(ComparedRow source, ComparedRow target) {
    mismatched++;
    if (mismatchSample.size() < settings.mismatchedRows()) {
      Map<String, Object> pair = new LinkedHashMap<>();
      pair.put("Source", sample(source));
      pair.put("Target", sample(target));
      keep(pair, mismatchSample);
    }
  }

  void extraSource(ComparedRow row) {
    extraSource++;
    if (extraSourceSample.size() < settings.extraRows()) {
      keep(sample(row), extraSourceSample);
    }
  }

  void extraTarget(ComparedRow row) {
    extraTarget++;
    if (extraTargetSample.size() < settings.extraRows()) {
      keep(sample(row), extraTargetSample);
    }
  }

  private void keep(Map<String, Object> sample, List<Map<String, Object>> samples) {
    int bytes = bytes(sample).length;
    if (sampleBytes + bytes > SAMPLE_BYTES) {
      samplesCut = true;
    } else {
      sampleBytes += bytes;
      samples.add(sample);
    }
  }

  /** Rows compared. */
  public long processed() {
    return matching + mismatched + extraSource + extraTarget;
  }

  /** Equal rows. */
  public long matchingRows() {
    return matching;
  }

  /** Rows with equal key and other values. */
  public long mismatchedRows() {
    return mismatched;
  }

  /** Rows only on the source. */
  public long extraRowsSource() {
    return extraSource;
  }

  /** Rows only on the target. */
  public long extraRowsTarget() {
    return extraTarget;
  }

  /**
   * The report as Vitess writes it; {@code SamplesCut} is ours: differing rows were left out as
   * their values are too large.
   */
  public String json() {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("TableName", table);
    report.put("ProcessedRows", processed());
    report.put("MatchingRows", matching);
    report.put("MismatchedRows", mismatched);
    report.put("ExtraRowsSource", extraSource);
    report.put("ExtraRowsTarget", extraTarget);
    putUnlessEmpty(report, "ExtraRowsSourceSample", extraSourceSample);
    putUnlessEmpty(report, "ExtraRowsTargetSample", extraTargetSample);
    putUnlessEmpty(report, "MismatchedRowsSample", mismatchSample);
    if (samplesCut) {
      report.put("SamplesCut", true);
    }
    return new String(bytes(report), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(Map<String, Object> value) {
    try {
      return JSON.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void putUnlessEmpty(
      Map<String, Object> report, String name, List<Map<String, Object>> sample) {
    if (!sample.isEmpty()) {
      report.put(name, sample);
    }
  }

  private Map<String, Object> sample(ComparedRow row) {
    Map<String, @Nullable String> shown = new TreeMap<>();
    for (int i = 0; i < fields.size(); i++) {
      if (isKey(i) || !settings.onlyKeys()) {
        shown.put(SqlNames.canonical(fields.get(i).getName()), shown(row, i));
      }
    }
    Map<String, Object> sample = new LinkedHashMap<>();
    sample.put("Row", shown);
    if (settings.debugQuery()) {
      sample.put("Query", query(row));
    }
    return sample;
  }

  private boolean isKey(int column) {
    return Arrays.stream(key).anyMatch(position -> position == column);
  }

  private @Nullable String shown(ComparedRow row, int column) {
    if (row.isNull(column)) {
      return null;
    }
    String text = text(row.values().get(column), fields.get(column));
    long most = settings.truncateAt();
    boolean cut = most > 0 && !isKey(column) && text.length() > most + TRUNCATED.length() + SLACK;
    return cut ? text.substring(0, (int) most) + TRUNCATED : text;
  }

  private static String text(ByteString value, Query.Field field) {
    return binary(field)
        ? "0x" + HexFormat.of().formatHex(value.toByteArray())
        : value.toString(StandardCharsets.UTF_8);
  }

  private static boolean binary(Query.Field field) {
    return switch (field.getType()) {
      case BINARY, VARBINARY, BLOB, BIT, GEOMETRY, VECTOR -> true;
      default -> false;
    };
  }

  private String query(ComparedRow row) {
    String columns =
        fields.stream()
            .map(field -> SqlNames.canonical(field.getName()))
            .collect(Collectors.joining(", "));
    String where =
        Arrays.stream(key)
            .mapToObj(
                column -> SqlNames.canonical(fields.get(column).getName()) + literal(row, column))
            .collect(Collectors.joining(" AND "));
    return "SELECT %s FROM %s WHERE %s;".formatted(columns, SqlNames.canonical(table), where);
  }

  private String literal(ComparedRow row, int column) {
    if (row.isNull(column)) {
      return " IS NULL";
    }
    Query.Field field = fields.get(column);
    String text = text(row.values().get(column), field);
    boolean number = (field.getType().getNumber() & Query.Flag.ISINTEGRAL_VALUE) != 0;
    return "=" + (number || binary(field) ? text : SqlNames.literal(text));
  }
}
