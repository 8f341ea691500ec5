package dev.shunt.workflow.foreignkeys;

import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlToken;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A foreign key, as SHOW CREATE TABLE words it.
 *
 * @param columns of its table, in lower case
 * @param parent the table that it refers to; with its database in front when that is another one
 * @param referred columns of that, in lower case
 * @param onDelete CASCADE, SET NULL or SET DEFAULT; empty when it does nothing
 * @param onUpdate the same
 */
public record ForeignKey(
    String name,
    List<String> columns,
    String parent,
    List<String> referred,
    String onDelete,
    String onUpdate) {
  public ForeignKey {
    columns = List.copyOf(columns);
    referred = List.copyOf(referred);
  }

  /** Whether it changes rows. */
  boolean acts() {
    return !onDelete.isEmpty() || !onUpdate.isEmpty();
  }

  ForeignKey withoutOnUpdate() {
    return new ForeignKey(name, columns, parent, referred, onDelete, "");
  }

  /** What it does, for people. */
  public String text(String table) {
    return name
        + " of "
        + table
        + " ("
        + String.join(", ", columns)
        + " to "
        + parent
        + "."
        + String.join(", ", referred)
        + (onDelete.isEmpty() ? "" : ", ON DELETE " + onDelete)
        + (onUpdate.isEmpty() ? "" : ", ON UPDATE " + onUpdate)
        + ")";
  }

  /** The foreign keys in a CREATE TABLE. */
  public static List<ForeignKey> in(String create) {
    return new Reader(SqlLexer.lex(create).tokens()).foreignKeys();
  }

  /** The AUTO_INCREMENT column in a CREATE TABLE, in lower case; none or one. */
  static Set<String> numbered(String create) {
    Set<String> numbered = new HashSet<>();
    String column = "";
    int depth = 0;
    boolean first = false;
    for (SqlToken token : SqlLexer.lex(create).tokens()) {
      if (first && token.kind() == SqlToken.Kind.QUOTED_WORD) {
        column = token.lower();
      } else if (depth == 1 && token.is("AUTO_INCREMENT")) {
        numbered.add(column);
      }
      depth += token.is('(') ? 1 : token.is(')') ? -1 : 0;
      first = depth == 1 && (token.is('(') || token.is(','));
    }
    return numbered;
  }

  private static final class Reader {
    private final List<SqlToken> tokens;
    private int at;

    Reader(List<SqlToken> tokens) {
      this.tokens = tokens;
    }

    List<ForeignKey> foreignKeys() {
      List<ForeignKey> keys = new ArrayList<>();
      at = 0;
      while (at + 1 < tokens.size()) {
        if (tokens.get(at).is("FOREIGN") && tokens.get(at + 1).is("KEY")) {
          String name =
              at > 1 && tokens.get(at - 2).is("CONSTRAINT") ? tokens.get(at - 1).text() : "";
          at += 2;
          keys.add(key(name));
        } else {
          at++;
        }
      }
      return keys;
    }

    private ForeignKey key(String name) {
      List<String> columns = columns();
      take("REFERENCES");
      String parent = tokens.get(at++).text();
      if (at + 1 < tokens.size() && tokens.get(at).is('.')) {
        parent += "." + tokens.get(at + 1).text();
        at += 2;
      }
      List<String> referred = columns();
      String onDelete = "";
      String onUpdate = "";
      while (take("ON")) {
        boolean deletes = take("DELETE");
        if (!deletes && !take("UPDATE")) {
          break;
        }
        String action = action();
        onDelete = deletes ? action : onDelete;
        onUpdate = deletes ? onUpdate : action;
      }
      return new ForeignKey(name, columns, parent, referred, onDelete, onUpdate);
    }

    private List<String> columns() {
      List<String> columns = new ArrayList<>();
      while (at < tokens.size() && !tokens.get(at).is(')')) {
        if (tokens.get(at).kind() != SqlToken.Kind.SYMBOL) {
          columns.add(tokens.get(at).lower());
        }
        at++;
      }
      at++;
      return columns;
    }

    private String action() {
      String first = at < tokens.size() ? tokens.get(at++).text().toUpperCase(Locale.ROOT) : "";
      return switch (first) {
        case "CASCADE" -> first;
        case "SET" -> first + " " + tokens.get(at++).text().toUpperCase(Locale.ROOT);
        case "NO" -> {
          at++;
          yield "";
        }
        default -> "";
      };
    }

    private boolean take(String word) {
      boolean present = at < tokens.size() && tokens.get(at).is(word);
      at += present ? 1 : 0;
      return present;
    }
  }
}
