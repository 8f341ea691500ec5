package dev.shunt.vdiff.comparing;

/**
 * What a report shows of differing rows.
 *
 * @param extraRows extra rows of each side that are shown
 * @param mismatchedRows mismatched pairs that are shown; below 1 means all, up to 1000
 * @param onlyKeys show the key's columns only
 * @param debugQuery add a query that fetches the row
 * @param truncateAt cut other values than the key's at this many characters; below 1 means never
 */
public record ReportSettings(
    long extraRows, long mismatchedRows, boolean onlyKeys, boolean debugQuery, long truncateAt) {
  private static final long MOST = 1000;

  public ReportSettings {
    extraRows = Math.min(Math.max(extraRows, 0), MOST);
    mismatchedRows = mismatchedRows < 1 ? MOST : Math.min(mismatchedRows, MOST);
  }
}
