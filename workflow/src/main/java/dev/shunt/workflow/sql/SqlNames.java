package dev.shunt.workflow.sql;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import net.sf.jsqlparser.parser.ParserKeywordsUtils;

/** Writes names and strings as MySQL reads them. */
public final class SqlNames {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /** MySQL 9.7 manual, "Keywords and Reserved Words", the reserved ones; MariaDB's beside them. */
  private static final String RESERVED_WORDS =
      """
      accessible add all alter analyze and as asc asensitive before between bigint binary blob both \
      by call cascade case change char character check collate column condition constraint continue \
      convert create cross cube cume_dist current_date current_role current_time current_timestamp \
      current_user cursor database databases day_hour day_microsecond day_minute day_second dec \
      decimal declare default delayed delete dense_rank desc describe deterministic distinct \
      distinctrow div double drop dual each else elseif empty enclosed escaped except exists exit \
      explain false fetch first_value float float4 float8 for force foreign from fulltext function \
      generated get grant group grouping groups having high_priority hour_microsecond hour_minute \
      hour_second if ignore in index infile inner inout insensitive insert int int1 int2 int3 int4 \
      int8 integer intersect interval into io_after_gtids io_before_gtids is iterate join json_table \
      key keys kill lag last_value lateral lead leading leave left library like limit linear lines \
      load localtime localtimestamp lock long longblob longtext loop low_priority manual \
      master_bind master_ssl_verify_server_cert match maxvalue mediumblob mediumint mediumtext \
      middleint minute_microsecond minute_second mod modifies natural no_write_to_binlog not \
      nth_value ntile null numeric of offset on optimize optimizer_costs option optionally or order \
      out outer outfile over page_checksum parallel parse_vcol_expr partition percent_rank precision \
      primary procedure purge qualify range rank read reads read_write real recursive references \
      ref_system_id regexp release rename repeat replace require resignal restrict return returning \
      revoke right rlike row row_number rows schema schemas second_microsecond select sensitive \
      separator set show signal smallint spatial specific sql sqlexception sqlstate sqlwarning \
      sql_big_result sql_calc_found_rows sql_small_result ssl starting stats_auto_recalc \
      stats_persistent stats_sample_pages stored straight_join system table tablesample terminated \
      then tinyblob tinyint tinytext to trailing trigger true undo union unique unlock unsigned \
      update usage use using utc_date utc_time utc_timestamp values varbinary varchar varcharacter \
      varying virtual when where while window with write xor year_month zerofill\
      """;

  private static final Set<String> QUOTED_WORDS = quotedWords();

  private SqlNames() {}

  /** The name in back quotes. */
  public static String quoted(String name) {
    return '`' + name.replace("`", "``") + '`';
  }

  /** The name as canonical text has it: in back quotes only when it needs them. */
  public static String canonical(String name) {
    return PLAIN.matcher(name).matches() && !QUOTED_WORDS.contains(name.toLowerCase(Locale.ROOT))
        ? name
        : quoted(name);
  }

  /** The text as a string literal, whatever the server's mode about backslashes, if it has none. */
  public static String literal(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  private static Set<String> quotedWords() {
    Set<String> words = new HashSet<>(Arrays.asList(RESERVED_WORDS.split(" ", -1)));
    for (String word : ParserKeywordsUtils.getReservedKeywords(0xFFFF)) {
      words.add(word.toLowerCase(Locale.ROOT));
    }
    return Set.copyOf(words);
  }
}
