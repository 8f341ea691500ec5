package dev.shunt.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PositionTest {
  private static final String A = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
  private static final String B = "4e11fa47-71ca-11e1-9e33-c80aa9429562";

  private static String expand(String text) {
    return text.replaceAll("\\bA\\b", A).replaceAll("\\bB\\b", B);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "A:1-5            | A:1-5",
        "A:1              | A:1",
        "A:1-1            | A:1",
        "A:5:1-3:4        | A:1-5",
        "A:7:1-3          | A:1-3:7",
        "B:1,A:2          | A:2,B:1",
        "A:1-3,A:2-9      | A:1-9",
        "B:1, A:2         | A:2,B:1",
        "A:1-3:tag:4-5    | A:1-3:tag:4-5",
        "A:b:2:a:1        | A:a:1:b:2",
        "A:tag:1,A:7      | A:7:tag:1",
        "A:TAG:1          | A:tag:1",
      })
  void readsAndWritesMysqlSets(String given, String expected) {
    Position position = Position.parse("MySQL56/" + expand(given));
    assertThat(position.text()).isEqualTo(expand(expected));
    assertThat(position.encoded()).isEqualTo("MySQL56/" + expand(expected));
    assertThat(Flavor.MYSQL.positions().takes(position)).isTrue();
    assertThat(Flavor.MARIADB.positions().takes(position)).isFalse();
    assertThat(Position.parse(position.encoded())).isEqualTo(position).hasSameHashCodeAs(position);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MySQL56/A:1-5 | MySQL56/A:1-5",
        "A:1-5,B:2     | MySQL56/A:1-5,B:2",
        "MariaDB/0-1-5 | MariaDB/0-1-5",
        "0-1-5,2-1-7   | MariaDB/0-1-5,2-1-7",
        "''            |",
        "MariaDB/      |",
        "0-1           |",
        "A             |",
        "other/A:1     |",
      })
  void readsWhatOtherToolsWriteWithoutThePrefix(String given, @Nullable String expected) {
    assertThat(Position.ofAnyForm(expand(given)).map(Position::encoded))
        .isEqualTo(Optional.ofNullable(expected).map(PositionTest::expand));
  }

  @Test
  void takesTheServersLineBreaks() {
    assertThat(Flavor.MYSQL.positions().parse(expand("A:1-5,\nB:1-2")).text())
        .isEqualTo(expand("A:1-5,B:1-2"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0-1-5          | 0-1-5",
        "2-1-7,0-1-5    | 0-1-5,2-1-7",
        "0-1-5, 2-1-7   | 0-1-5,2-1-7",
        "0-1-5,0-2-4    | 0-1-5",
        "10-1-1,9-1-1   | 9-1-1,10-1-1",
      })
  void readsAndWritesMariaDbLists(String given, String expected) {
    Position position = Position.parse("MariaDB/" + given);
    assertThat(position.encoded()).isEqualTo("MariaDB/" + expected);
    assertThat(Flavor.MARIADB.positions().takes(position)).isTrue();
    assertThat(Flavor.MYSQL.positions().takes(position)).isFalse();
    assertThat(Position.parse(position.encoded())).isEqualTo(position).hasSameHashCodeAs(position);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "A:1",
        "FilePos/binlog.000001:4",
        "MySQL56/A",
        "MySQL56/A:",
        "MySQL56/A:0",
        "MySQL56/A:5-3",
        "MySQL56/A:x-",
        "MySQL56/A:tag",
        "MySQL56/A:1:tag",
        "MySQL56/A:a:b:1",
        "MySQL56/A:1,,B:1",
        "MySQL56/nouuid:1",
        "MySQL56/0-1-5",
        "MariaDB/0-1",
        "MariaDB/0-1-x",
        "MariaDB/0-1-5,",
        "MariaDB/0-1-9999999999999999999",
      })
  void refusesWhatIsNoPosition(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Position.parse(expand(text)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MySQL56/A:1-5      | MySQL56/A:1-5     | true",
        "MySQL56/A:1-5      | MySQL56/A:2:4     | true",
        "MySQL56/A:1-5      | MySQL56/          | true",
        "MySQL56/           | MySQL56/          | true",
        "MySQL56/A:1-5      | MySQL56/A:1-6     | false",
        "MySQL56/A:1-2:4-9  | MySQL56/A:2-4     | false",
        "MySQL56/A:1-5      | MySQL56/B:1       | false",
        "MySQL56/A:1-5,B:1  | MySQL56/B:1       | true",
        "MySQL56/A:1-5      | MySQL56/A:tag:1   | false",
        "MySQL56/A:1:tag:1  | MySQL56/A:tag:1   | true",
        "MySQL56/A:1-5      | MariaDB/0-1-1     | false",
        "MySQL56/A:1-5      | MariaDB/          | false",
        "MariaDB/0-1-5      | MariaDB/0-1-5     | true",
        "MariaDB/0-1-5      | MariaDB/0-2-4     | false",
        "MariaDB/0-1-5      | MariaDB/0-2-6     | false",
        "MariaDB/1-1-100    | MariaDB/1-2-50    | false",
        "MariaDB/1-2-50     | MariaDB/1-1-100   | false",
        "MariaDB/0-1-5      | MariaDB/0-1-6     | false",
        "MariaDB/0-1-5      | MariaDB/1-1-1     | false",
        "MariaDB/0-1-5,1-1-1| MariaDB/1-1-1     | true",
        "MariaDB/0-1-5      | MariaDB/          | true",
      })
  void knowsWhatItContains(String own, String other, boolean expected) {
    assertThat(Position.parse(expand(own)).atLeast(Position.parse(expand(other))))
        .isEqualTo(expected);
  }

  @Test
  void growsByTransactions() {
    Position mysql = Position.parse(expand("MySQL56/A:1-5"));
    assertThat(mysql.with(expand("A:6")).text()).isEqualTo(expand("A:1-6"));
    assertThat(mysql.with(expand("A:tag:1")).text()).isEqualTo(expand("A:1-5:tag:1"));
    assertThat(mysql.text()).isEqualTo(expand("A:1-5"));
    assertThat(mysql.union(Position.parse(expand("MySQL56/A:7,B:1-2"))).text())
        .isEqualTo(expand("A:1-5:7,B:1-2"));
    Position mariaDb = Position.parse("MariaDB/0-1-5");
    assertThat(mariaDb.with("0-2-6").text()).isEqualTo("0-2-6");
    assertThat(mariaDb.with("1-1-1").text()).isEqualTo("0-1-5,1-1-1");
    assertThat(mariaDb.union(Position.parse("MariaDB/0-9-2")).text()).isEqualTo("0-1-5");
    assertThat(mariaDb.union(Position.parse("MariaDB/0-9-7")).text()).isEqualTo("0-9-7");
    assertThatIllegalArgumentException().isThrownBy(() -> mysql.union(mariaDb));
    assertThatIllegalArgumentException().isThrownBy(() -> mariaDb.union(mysql));
  }

  @Test
  void mariaDbsPositionFollowsTheLogWhateverTheNumbers() {
    Position start = Position.parse("MariaDB/1-1-100");

    Position later = start.with("1-2-50");

    assertThat(later.text()).isEqualTo("1-2-50");
    assertThat(later).isEqualTo(Position.parse("MariaDB/1-2-50"));
    assertThat(later.atLeast(start)).isTrue();
    assertThat(later.atLeast(Position.parse("MariaDB/1-1-101"))).isFalse();
    assertThat(later.atLeast(Position.parse("MariaDB/1-2-51"))).isFalse();
    assertThat(start.atLeast(later)).isFalse();
    Position back = later.with("1-1-101");
    assertThat(back.text()).isEqualTo("1-1-101");
    assertThat(back.atLeast(later)).isTrue();
    assertThat(back.union(Position.parse("MariaDB/1-2-50"))).isEqualTo(back);
    assertThat(Position.parse("MariaDB/1-2-50").union(back)).isEqualTo(back);
  }

  @Test
  void whatWasPassedIsKnownFurtherOnInTheLog() {
    Position at = Position.parse("MariaDB/1-1-100,2-1-7");

    Position later =
        at.followedBy(Position.parse("MariaDB/1-2-50,2-1-7"))
            .followedBy(Position.parse("MariaDB/1-2-51,2-1-8"))
            .followedBy(Position.parse("MariaDB/1-3-52,2-1-8"));

    assertThat(later).isEqualTo(Position.parse("MariaDB/1-3-52,2-1-8"));
    assertThat(later.atLeast(at)).isTrue();
    assertThat(later.atLeast(Position.parse("MariaDB/1-2-51"))).isTrue();
    assertThat(later.atLeast(Position.parse("MariaDB/1-2-52"))).isFalse();
    assertThat(later.atLeast(Position.parse("MariaDB/1-1-101"))).isFalse();
    assertThat(later.atLeast(Position.parse("MariaDB/1-4-1"))).isFalse();
    Position mysql = Position.parse(expand("MySQL56/A:1-5"));
    assertThat(mysql.followedBy(Position.parse(expand("MySQL56/A:1-6,B:1"))).text())
        .isEqualTo(expand("A:1-6,B:1"));
    assertThatIllegalArgumentException().isThrownBy(() -> at.followedBy(mysql));
    assertThatIllegalArgumentException().isThrownBy(() -> mysql.followedBy(at));
  }

  @Test
  void mariaDbsOwnStateTellsWhatAServerHas() {
    MariaDbPosition loose = MariaDbPosition.ofServer("1-2-50,3-1-7", "1-1-100,1-2-50,3-1-7", false);
    assertThat(loose.atLeast(Position.parse("MariaDB/1-1-100"))).isTrue();
    assertThat(loose.atLeast(Position.parse("MariaDB/1-1-101"))).isFalse();
    assertThat(loose.atLeast(Position.parse("MariaDB/1-4-20"))).isFalse();
    MariaDbPosition strict = MariaDbPosition.ofServer("1-2-150", "1-2-150", true);
    assertThat(strict.atLeast(Position.parse("MariaDB/1-1-100"))).isTrue();
    assertThat(strict.atLeast(Position.parse("MariaDB/1-1-151"))).isFalse();
    assertThat(strict.atLeast(Position.parse("MariaDB/2-1-1"))).isFalse();
    // After a failover that lost 0-1-100: what the server itself says of that writer counts.
    MariaDbPosition after = MariaDbPosition.ofServer("0-2-105", "0-1-99,0-2-105", true);
    assertThat(after.atLeast(Position.parse("MariaDB/0-1-99"))).isTrue();
    assertThat(after.atLeast(Position.parse("MariaDB/0-1-100"))).isFalse();
  }

  @Test
  void theEmptyPositionIsEmpty() {
    assertThat(Position.parse("MySQL56/").isEmpty()).isTrue();
    assertThat(Position.parse("MariaDB/").isEmpty()).isTrue();
    assertThat(Position.parse("MariaDB/").encoded()).isEqualTo("MariaDB/");
    assertThat(Position.parse("MariaDB/0-1-1").isEmpty()).isFalse();
  }
}
