package dev.shunt.workflow.sql;

import dev.shunt.workflow.sql.DdlValues.Retyped;
import dev.shunt.workflow.sql.lexer.SqlToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads a definition by the words outside of parentheses, as {@link DdlValues} describes it. */
final class DdlValuesReader {
  /** A time with its zone is converted to that of the session. */
  private static final Pattern OFFSET = Pattern.compile(":.*[+-]");

  private static final Set<String> BYTES =
      Set.of("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob");

  /** First words of what ALTER TABLE does to no value. */
  private static final Set<String> HARMLESS =
      Set.of(
          "algorithm",
          "alter",
          "analyze",
          "auto_increment",
          "autoextend_size",
          "avg_row_length",
          "character",
          "charset",
          "check",
          "coalesce",
          "collate",
          "comment",
          "compression",
          "default",
          "disable",
          "enable",
          "encrypted",
          "encryption",
          "encryption_key_id",
          "engine",
          "force",
          "key_block_size",
          "lock",
          "max_rows",
          "min_rows",
          "nowait",
          "optimize",
          "order",
          "page_compressed",
          "page_compression_level",
          "partition",
          "rebuild",
          "remove",
          "rename",
          "reorganize",
          "row_format",
          "stats_auto_recalc",
          "stats_persistent",
          "stats_sample_pages",
          "truncate",
          "wait",
          "with",
          "without");

  /** What ADD is followed by when it adds no column. */
  private static final Set<String> KEYS =
      Set.of(
          "check",
          "constraint",
          "foreign",
          "fulltext",
          "index",
          "key",
          "partition",
          "primary",
          "spatial",
          "unique");

  private final String sql;
  private final List<SqlToken> tokens;
  private final List<Retyped> retyped = new ArrayList<>();

  DdlValuesReader(String sql, List<SqlToken> tokens) {
    this.sql = sql;
    this.tokens = tokens;
  }

  DdlValues read() {
    return new DdlValues(obstacle(), retyped);
  }

  private Optional<String> obstacle() {
    for (int i = 0; i < tokens.size(); i++) {
      SqlToken token = tokens.get(i);
      boolean comment =
          i > 0 && (is(i - 1, "comment") || (tokens.get(i - 1).is('=') && is(i - 2, "comment")));
      if (token.kind() == SqlToken.Kind.STRING
          && !comment
          && !sql.substring(token.start(), token.end()).chars().allMatch(c -> c < 128)) {
        return Optional.of("a text with other characters than ASCII");
      }
    }
    if (tokens.isEmpty() || is(0, "truncate") || is(0, "drop") || is(0, "rename")) {
      return Optional.empty();
    }
    return is(0, "create") ? created() : altered();
  }

  /** A new table has no rows; those that come have values of their own where none is computed. */
  private Optional<String> created() {
    return tokens.stream().anyMatch(token -> token.is("generated"))
            || computes(tokens)
            || functionalKey(tokens)
        ? Optional.of("a column that is computed")
        : Optional.empty();
  }

  private Optional<String> altered() {
    int at = 0;
    while (!tokens.get(at).is("table")) {
      at++;
    }
    at++;
    if (is(at, "if")) {
      at += 2;
    }
    at++;
    if (tokens.size() > at && tokens.get(at).is('.')) {
      at += 2;
    }
    if (is(at, "wait")) {
      at += 2;
    } else if (is(at, "nowait")) {
      at++;
    }
    if (is(at + 1, "partition") && !is(at, "add")) {
      return Optional.empty(); // names of partitions follow, and nothing else
    }
    for (List<SqlToken> clause : split(tokens.subList(at, tokens.size()))) {
      Optional<String> obstacle = clause.isEmpty() ? Optional.empty() : clause(clause);
      if (obstacle.isPresent()) {
        return obstacle;
      }
    }
    return Optional.empty();
  }

  private Optional<String> clause(List<SqlToken> clause) {
    String verb = clause.getFirst().lower();
    return switch (verb) {
      case "add" -> added(clause.subList(1, clause.size()));
      case "drop" ->
          clause.get(1).is("system") || clause.get(1).is("period")
              ? Optional.of("DROP " + clause.get(1).text())
              : Optional.empty();
      case "modify", "change" -> defined(clause.subList(1, clause.size()), verb);
      case "convert" ->
          clause.stream().anyMatch(token -> token.is("binary"))
              ? Optional.of("a conversion of texts to bytes")
              : Optional.empty();
      default ->
          HARMLESS.contains(verb) ? Optional.empty() : Optional.of(verb.toUpperCase(Locale.ROOT));
    };
  }

  private Optional<String> added(List<SqlToken> clause) {
    SqlToken first = clause.getFirst();
    if (first.kind() == SqlToken.Kind.WORD && KEYS.contains(first.lower())) {
      return functionalKey(clause) ? Optional.of("a key of an expression") : Optional.empty();
    }
    if (first.is("period") || first.is("system")) {
      return Optional.of("ADD " + first.text());
    }
    List<SqlToken> columns = withoutWords(clause);
    if (!columns.getFirst().is('(')) {
      return column(columns);
    }
    for (List<SqlToken> column : split(columns.subList(1, end(columns)))) {
      boolean key =
          column.getFirst().kind() == SqlToken.Kind.WORD
              && KEYS.contains(column.getFirst().lower());
      Optional<String> obstacle = key ? Optional.empty() : column(column);
      if (obstacle.isPresent()) {
        return obstacle;
      }
    }
    return Optional.empty();
  }

  /** Where the parenthesis ends that begins it. */
  private static int end(List<SqlToken> tokens) {
    int depth = 0;
    for (int i = 0; i < tokens.size(); i++) {
      depth += tokens.get(i).is('(') ? 1 : tokens.get(i).is(')') ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    throw new IndexOutOfBoundsException("no end of a parenthesis");
  }

  /** Without COLUMN and IF [NOT] EXISTS. */
  private static List<SqlToken> withoutWords(List<SqlToken> clause) {
    int at = clause.getFirst().is("column") ? 1 : 0;
    if (clause.get(at).is("if")) {
      at += clause.get(at + 1).is("not") ? 3 : 2;
    }
    return clause.subList(at, clause.size());
  }

  /** A new column, from its name on: rows get its default. */
  private Optional<String> column(List<SqlToken> column) {
    List<SqlToken> rest = outside(column);
    String name = column.getFirst().text();
    String type = column.get(1).lower();
    if (computes(rest) || has(rest, "generated")) {
      return Optional.of("column " + name + ", which is computed");
    }
    if (type.equals("serial") || has(rest, "auto_increment")) {
      return Optional.of("column " + name + ", whose values are numbered");
    }
    boolean updates =
        indexOf(rest, "on") >= 0
            && rest.get(indexOf(rest, "on") + 1).is("update")
            && !has(rest, "references");
    int given = indexOf(rest, "default");
    if (updates || (given >= 0 && !isConstant(rest.subList(given + 1, rest.size()), type))) {
      return Optional.of("column " + name + ", whose default is no plain constant");
    }
    boolean nullable = has(rest, "null") && !notNull(rest);
    boolean other = given >= 0 && !rest.get(given + 1).is("null");
    return type.equals("timestamp") && (!nullable || other)
        ? Optional.of("column " + name + ", a TIMESTAMP that is not NULL by itself")
        : Optional.empty();
  }

  private static boolean notNull(List<SqlToken> tokens) {
    int not = indexOf(tokens, "not");
    return not >= 0 && not + 1 < tokens.size() && tokens.get(not + 1).is("null");
  }

  /** A literal that every session reads alike, and nothing else before the next word. */
  private boolean isConstant(List<SqlToken> value, String type) {
    int at = !value.isEmpty() && (value.getFirst().is('-') || value.getFirst().is('+')) ? 1 : 0;
    if (at >= value.size()) {
      return false;
    }
    SqlToken literal = value.get(at);
    if (literal.kind() == SqlToken.Kind.NUMBER) {
      return followed(value, at);
    }
    if (literal.is("b") || literal.is("x")) {
      at++;
    } else if (literal.is("null") || literal.is("true") || literal.is("false")) {
      return followed(value, at);
    }
    return at < value.size() && isPlain(value.get(at), type) && followed(value, at);
  }

  private static boolean followed(List<SqlToken> value, int at) {
    return at + 1 == value.size()
        || value.get(at + 1).kind() == SqlToken.Kind.WORD
        || value.get(at + 1).is('.');
  }

  private boolean isPlain(SqlToken text, String type) {
    String written = sql.substring(text.start(), text.end());
    return text.kind() == SqlToken.Kind.STRING
        && written.equals("'" + text.text() + "'")
        && text.text().indexOf('\\') < 0
        && !(DdlValues.TEMPORAL.contains(type)
            && (text.text().indexOf('.') >= 0 || OFFSET.matcher(text.text()).find()));
  }

  /** A column that is defined anew, from its name or COLUMN on. */
  private Optional<String> defined(List<SqlToken> clause, String verb) {
    List<SqlToken> rest = withoutWords(clause);
    String name = rest.getFirst().text();
    List<SqlToken> column = verb.equals("change") ? rest.subList(1, rest.size()) : rest;
    List<SqlToken> words = outside(column);
    if (computes(words) || has(words, "generated")) {
      return Optional.of("column " + name + ", which is computed");
    }
    if (column.get(1).is("serial")) {
      return Optional.of("column " + name + ", whose values are numbered");
    }
    String type = column.get(1).lower();
    boolean size = column.size() > 3 && column.get(2).is('(');
    boolean digits = size && column.get(3).text().matches("[0-9]");
    int charset = Math.max(indexOf(words, "set"), indexOf(words, "charset"));
    boolean binary =
        charset >= 0 && charset + 1 < words.size() && words.get(charset + 1).is("binary");
    retyped.add(
        new Retyped(
            name,
            type,
            digits && DdlValues.TEMPORAL.contains(type)
                ? Integer.parseInt(column.get(3).text())
                : 0,
            has(words, "auto_increment"),
            binary || BYTES.contains(type) || has(words, "byte") || has(words, "varbinary")));
    return Optional.empty();
  }

  /** {@code AS (expression)}. */
  private static boolean computes(List<SqlToken> tokens) {
    for (int i = 0; i + 1 < tokens.size(); i++) {
      if (tokens.get(i).is("as") && tokens.get(i + 1).is('(')) {
        return true;
      }
    }
    return false;
  }

  private static boolean functionalKey(List<SqlToken> tokens) {
    for (int i = 1; i + 1 < tokens.size(); i++) {
      boolean key = tokens.get(i - 1).isName() && !tokens.get(i - 1).is("check");
      if (key && tokens.get(i).is('(') && tokens.get(i + 1).is('(')) {
        return true;
      }
    }
    return false;
  }

  /** What stands outside of parentheses, which stay. */
  private static List<SqlToken> outside(List<SqlToken> tokens) {
    List<SqlToken> outside = new ArrayList<>();
    int depth = 0;
    for (SqlToken token : tokens) {
      depth -= token.is(')') ? 1 : 0;
      if (depth == 0) {
        outside.add(token);
      }
      depth += token.is('(') ? 1 : 0;
    }
    return outside;
  }

  /** The parts between commas outside of parentheses. */
  private static List<List<SqlToken>> split(List<SqlToken> tokens) {
    List<List<SqlToken>> parts = new ArrayList<>();
    int from = 0;
    int depth = 0;
    for (int i = 0; i <= tokens.size(); i++) {
      if (i == tokens.size() || (depth == 0 && tokens.get(i).is(','))) {
        parts.add(tokens.subList(from, i));
        from = i + 1;
      } else {
        depth += tokens.get(i).is('(') ? 1 : tokens.get(i).is(')') ? -1 : 0;
      }
    }
    return parts;
  }

  private static boolean has(List<SqlToken> tokens, String word) {
    return indexOf(tokens, word) >= 0;
  }

  /** Behind the name, which may be a word as well. */
  private static int indexOf(List<SqlToken> tokens, String word) {
    for (int i = 1; i < tokens.size(); i++) {
      if (tokens.get(i).is(word)) {
        return i;
      }
    }
    return -1;
  }

  private boolean is(int at, String word) {
    return at >= 0 && at < tokens.size() && tokens.get(at).is(word);
  }
}
