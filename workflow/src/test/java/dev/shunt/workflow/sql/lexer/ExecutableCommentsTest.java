package dev.shunt.workflow.sql.lexer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.shunt.workflow.sql.lexer.ExecutableComments.Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same texts are shown to real servers by CommentsIT of module tablet. */
class ExecutableCommentsTest {
  private static final Server MYSQL = new Server(false, 90_704);
  private static final Server MARIADB = new Server(true, 110_405);

  private static String squeezed(String sql, Server server) {
    return ExecutableComments.resolve(sql, server).replaceAll(" +", " ").strip();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "1 + 1|1 + 1|1 + 1",
        "1 /* + 1 */|1 /* + 1 */|1 /* + 1 */",
        "1 /*! + 1 */|1 + 1|1 + 1",
        "1 /*M! + 1 */|1|1 + 1",
        "1 /*m! + 1 */|1 /*m! + 1 */|1 /*m! + 1 */",
        "1 /*!50000 + 1 */|1 + 1|1 + 1",
        "1 /*!50699 + 1 */|1 + 1|1 + 1",
        "1 /*!50700 + 1 */|1 + 1|1",
        "1 /*!80036 + 1 */|1 + 1|1",
        "1 /*!090704 + 1 */|1 + 1|1",
        "1 /*!090705 + 1 */|1|1",
        "1 /*!99999 + 1 */|1|1",
        "1/*!090000+1*/|1 0+1|1",
        "1/*!50000+1*/|1 +1|1 +1",
        "1 /*!100000 + 1 */|1|1 + 1",
        "1 /*!110405 + 1 */|1|1 + 1",
        "1 /*!110406 + 1 */|1|1",
        "1 /*M!80036 + 1 */|1|1 + 1",
        "1 /*M!110406 + 1 */|1|1",
        "1 /*!999999 /* + 1 */ + 2 */ + 3|1 + 3|1 + 3",
        "1 /*! /* + 1 */ + 2 */ + 3|1 /* + 1 */ + 2 + 3|1 /* + 1 */ + 2 + 3",
        "1 /*!999999 ' */ + 1 /*!999999 ' */|1 + 1|1 + 1",
        "'/*! x */' /*! y */|'/*! x */' y|'/*! x */' y",
        "'\\' /*! x */' /*! y */|'\\' /*! x */' y|'\\' /*! x */' y",
        "`/*! x */` /*! y */|`/*! x */` y|`/*! x */` y",
        "1 /*!5000 + 1 */|1 5000 + 1|1 5000 + 1",
        "a /*! b|a /*! b|a /*! b",
        "a /*!999999 b|a /*!999999 b|a /*!999999 b",
        "a /*! b */ /* c|a /*! b */ /* c|a /*! b */ /* c",
      })
  void readsAsTheServerDoes(String sql, String mysql, String mariaDb) {
    assertThat(squeezed(sql, MYSQL)).isEqualTo(mysql);
    assertThat(squeezed(sql, MARIADB)).isEqualTo(mariaDb);
    assertThat(ExecutableComments.resolve(sql, MYSQL)).hasSameSizeAs(sql);
    assertThat(ExecutableComments.readings(sql).stream().map(text -> text.replaceAll(" +", " ")))
        .as("what some server reads")
        .anyMatch(text -> text.strip().equals(mysql))
        .anyMatch(text -> text.strip().equals(mariaDb));
  }

  @Test
  void knowsServersByTheirVersions() {
    assertThat(Server.of(false, "9.7.4")).isEqualTo(MYSQL);
    assertThat(Server.of(true, "11.4.5-MariaDB-log")).isEqualTo(MARIADB);
    assertThat(Server.of(true, "5.5.5-10.11.6-MariaDB")).isEqualTo(new Server(true, 101_106));
    assertThat(Server.of(false, "5.5.5")).isEqualTo(new Server(false, 50_505));
    assertThatIllegalArgumentException().isThrownBy(() -> Server.of(false, "new"));
  }

  @Test
  void leavesLineCommentsAlone() {
    String sql = "1 -- /*! 2\n+ /*! 3 */ 4 # */ /*!\n";
    assertThat(squeezed(sql, MYSQL)).isEqualTo("1 -- /*! 2\n+ 3 4 # */ /*!");
  }

  @Test
  void takesALogForCarriedOut() {
    String sql = "A /*!50701 B */ /*M! C */ /* 999999 D */";
    assertThat(squeezed(sql, Server.logOf(false))).isEqualTo("A B /* 999999 D */");
    assertThat(squeezed(sql, Server.logOf(true))).isEqualTo("A B C /* 999999 D */");
  }

  @Test
  void hasOneReadingWithoutSuchComments() {
    assertThat(ExecutableComments.readings("SELECT '/*! x */' /* y */")).hasSize(1);
    assertThat(ExecutableComments.readings("/*!50000 A */ /*!80000 B */ /*M! C */"))
        .extracting(text -> text.replaceAll(" +", " ").strip())
        .contains("", "A", "A B", "A C", "C")
        .doesNotContain("B", "B C", "A B C");
  }
}
