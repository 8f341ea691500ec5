package dev.shunt.local.demo;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the demo found; the JSON of {@code --json}.
 *
 * @param scenario move or reshard
 * @param engine mariadb or mysql
 * @param rowsCopied rows that the copy wrote to the target
 * @param copySeconds from sending the create command until every stream ran and no lag was left
 * @param vdiffRowsCompared rows compared by all diffs
 * @param vdiffMismatchedRows rows that differed or were missing on one side
 * @param writesAcknowledged transactions that were reported to the writers as committed
 * @param writesLost of them, not in the databases at the end
 * @param writesDuplicated effects that are in the databases more than once
 * @param writeErrors transactions that failed
 * @param readErrors reads that failed
 * @param longestWriteGapMs for each write switch, the longest time any writer went without an
 *     acknowledgement, milliseconds
 * @param wrong what else of the scenario is not as it should be, a sentence each
 * @param commands commands sent
 * @param eventsReplayed events read from the audit log
 * @param replayEqual whether replaying them gave the live state, byte for byte
 * @param totalSeconds from the start of the demo, start of the servers included
 * @param moral what is said when all is well
 */
record DemoReport(
    @JsonProperty("scenario") String scenario,
    @JsonProperty("engine") String engine,
    @JsonProperty("rows_copied") long rowsCopied,
    @JsonProperty("copy_seconds") double copySeconds,
    @JsonProperty("vdiff_rows_compared") long vdiffRowsCompared,
    @JsonProperty("vdiff_mismatched_rows") long vdiffMismatchedRows,
    @JsonProperty("writes_acknowledged") long writesAcknowledged,
    @JsonProperty("writes_lost") long writesLost,
    @JsonProperty("writes_duplicated") long writesDuplicated,
    @JsonProperty("write_errors") long writeErrors,
    @JsonProperty("read_errors") long readErrors,
    @JsonProperty("longest_write_gap_ms") List<Long> longestWriteGapMs,
    @JsonProperty("wrong") List<String> wrong,
    @JsonProperty("commands") long commands,
    @JsonProperty("events_replayed") long eventsReplayed,
    @JsonProperty("replay_equal") boolean replayEqual,
    @JsonProperty("total_seconds") double totalSeconds,
    @JsonIgnore String moral) {

  /** Whether nothing was lost, nothing differs and the replay is equal. */
  boolean good() {
    return rowsCopied > 0
        && vdiffRowsCompared > 0
        && vdiffMismatchedRows == 0
        && writesAcknowledged > 0
        && writesLost == 0
        && writesDuplicated == 0
        && writeErrors == 0
        && readErrors == 0
        && wrong.isEmpty()
        && replayEqual;
  }

  void write(Path file) throws IOException {
    Files.writeString(
        file,
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(this)
            + "\n");
  }

  String summary() {
    return """

    %s
      rows copied            %,d in %.1f s
      rows compared          %,d, of which %,d differ
      writes acknowledged    %,d meanwhile
      lost / duplicated      %d / %d
      write / read errors    %d / %d
      longest write gap      %s ms, one number a switch
      audit log              %,d events of %d commands; replayed state %s
      whole demo             %.1f s
    """
        .formatted(
            good() ? moral : "SOMETHING IS WRONG:",
            rowsCopied,
            copySeconds,
            vdiffRowsCompared,
            vdiffMismatchedRows,
            writesAcknowledged,
            writesLost,
            writesDuplicated,
            writeErrors,
            readErrors,
            longestWriteGapMs,
            eventsReplayed,
            commands,
            replayEqual ? "equals the live one" : "DIFFERS from the live one",
            totalSeconds);
  }
}
