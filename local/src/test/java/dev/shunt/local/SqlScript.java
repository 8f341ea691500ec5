package dev.shunt.local;

import dev.shunt.mysql.MysqlConnection;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.regex.Pattern;

/**
 * Runs a script of the Sakila sample as the mysql client would: with DELIMITER lines, each
 * statement ending at the end of a line. Stays in the connection's database, and takes what a
 * comment reserves for some versions for meant in every case: MariaDB skips what MySQL 5.7 and
 * later are told.
 */
final class SqlScript {
  private static final Pattern RESERVED = Pattern.compile("/\\*!\\d+ (.*?)\\*/");
  private static final Pattern ELSEWHERE =
      Pattern.compile("(?is)^(use|create schema|create database|drop schema|drop database)\\b.*");

  private SqlScript() {}

  static void run(BufferedReader script, MysqlConnection database) throws IOException {
    String delimiter = ";";
    StringBuilder statement = new StringBuilder();
    for (String line = script.readLine(); line != null; line = script.readLine()) {
      if (statement.isEmpty() && (line.isBlank() || line.startsWith("--"))) {
        continue;
      }
      if (line.startsWith("DELIMITER ")) {
        delimiter = line.substring("DELIMITER ".length()).strip();
        continue;
      }
      statement.append(line).append('\n');
      if (line.stripTrailing().endsWith(delimiter)) {
        String text = statement.toString().stripTrailing();
        execute(text.substring(0, text.length() - delimiter.length()), database);
        statement.setLength(0);
      }
    }
    if (!statement.toString().isBlank()) {
      throw new IOException("the script ends within a statement: " + statement);
    }
  }

  private static void execute(String statement, MysqlConnection database) {
    String plain = RESERVED.matcher(statement).replaceAll("$1").replace("sakila.", "");
    if (!plain.isBlank() && !ELSEWHERE.matcher(plain).matches()) {
      database.execute(plain);
    }
  }
}
