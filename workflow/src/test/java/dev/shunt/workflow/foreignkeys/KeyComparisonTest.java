package dev.shunt.workflow.foreignkeys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.workflow.sql.SqlParser;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KeyComparisonTest {
  private static final String PARENT =
      """
      CREATE TABLE `p` (
        `id` int(11) NOT NULL,
        `n` int(11) NOT NULL AUTO_INCREMENT,
        `k (` varchar(9) DEFAULT 'a,`b' COMMENT 'FOREIGN KEY (',
        PRIMARY KEY (`id`),
        UNIQUE KEY `n` (`n`)
      ) ENGINE=InnoDB AUTO_INCREMENT=5\
      """;

  private static String child(String... keys) {
    return "CREATE TABLE `c` (\n  `a` int(11) DEFAULT NULL,\n  `b` timestamp NOT NULL DEFAULT"
        + " current_timestamp() ON UPDATE current_timestamp(),\n  KEY `k` (`a`),\n  CONSTRAINT "
        + String.join(",\n  CONSTRAINT ", keys)
        + "\n) ENGINE=InnoDB";
  }

  private static List<String> problems(
      String parentRule, String childRule, String source, String target) {
    SqlParser parser = SqlParser.create();
    return new KeyComparison(
            Map.of("p", parser.parseRule(parentRule), "c", parser.parseRule(childRule)),
            parser,
            Map.of("p", PARENT, "c", source),
            Map.of("p", PARENT, "c", target))
        .problems();
  }

  private static List<String> problems(String source, String target) {
    return problems("select * from p", "select * from c", child(source), child(target));
  }

  @Test
  void comparesWhatKeysDoWhateverTheyAreCalled() {
    String key = "`f` FOREIGN KEY (`a`, `b`) REFERENCES `p` (`id`, `k (`) ON DELETE CASCADE";
    assertThat(problems(key, key.replace("`f`", "`g`"))).isEmpty();
    assertThat(
            problems(
                key, "`f` FOREIGN KEY (`b`, `a`) REFERENCES `P` (`k (`, `id`) ON DELETE CASCADE"))
        .isEmpty();
    assertThat(problems(key, key.replace("`a`, `b`", "`b`, `a`"))).hasSize(2);
    assertThat(problems(key, key.replace("CASCADE", "SET DEFAULT")))
        .containsExactly(
            "only the source has f of c (a, b to p.id, k (, ON DELETE CASCADE)",
            "only the target has f of c (a, b to p.id, k (, ON DELETE SET DEFAULT)");
  }

  @Test
  void leavesKeysAloneThatDoNothing() {
    String restricts = "`f` FOREIGN KEY (`a`) REFERENCES `p` (`id`)";
    assertThat(problems(restricts, restricts + " ON DELETE NO ACTION ON UPDATE RESTRICT"))
        .isEmpty();
    assertThat(problems("`x` CHECK (`a` > 0)", restricts)).isEmpty();
    assertThat(problems(restricts + " ON UPDATE CASCADE", restricts)).hasSize(1);
    String numbered = "`f` FOREIGN KEY (`a`) REFERENCES `p` (`n`)";
    assertThat(problems(numbered + " ON UPDATE CASCADE", numbered)).isEmpty();
    assertThat(problems(numbered + " ON DELETE SET NULL ON UPDATE CASCADE", numbered)).hasSize(1);
    String partly = "`f` FOREIGN KEY (`b`, `a`) REFERENCES `p` (`id`, `n`)";
    assertThat(problems(partly + " ON UPDATE CASCADE", partly)).as("id may change").hasSize(1);
  }

  @Test
  void refusesKeysToTablesThatAreNotFilled() {
    for (String parent : List.of("`q`", "`other`.`p`")) {
      String key = "`f` FOREIGN KEY (`a`) REFERENCES " + parent + " (`id`) ON DELETE CASCADE";
      assertThat(problems(key, key)).as(parent).hasSize(2);
    }
  }

  @Test
  void followsColumnsThatAreRenamed() {
    String key = "`f` FOREIGN KEY (`a`) REFERENCES `p` (`id`) ON DELETE CASCADE";
    String rule = "select a as x, b from c";
    assertThat(problems("select * from p", rule, child(key), child(key.replace("`a`", "`x`"))))
        .isEmpty();
    assertThat(problems("select * from p", rule, child(key), child(key))).hasSize(2);
  }

  @Test
  void refusesKeysWhoseRowsMayBeApart() {
    String key = "`f` FOREIGN KEY (`a`) REFERENCES `p` (`id`) ON DELETE CASCADE";
    String parent = "select * from p where in_keyrange(id, 'hash', '-80')";
    assertThat(apart(parent, "select * from c where in_keyrange(a, 'hash', '-80')", key)).isEmpty();
    assertThat(apart(parent, "select * from c where in_keyrange(b, 'hash', '-80')", key))
        .hasSize(1);
    assertThat(apart(parent, "select * from c where in_keyrange(a, 'xxhash', '-80')", key))
        .hasSize(1);
    assertThat(apart(parent, "select * from c where in_keyrange(a, 'hash', '80-')", key))
        .hasSize(1);
    assertThat(apart(parent, "select * from c", key)).hasSize(1);
    assertThat(apart("select * from p where id > 5", "select * from c", key)).hasSize(1);
    assertThat(apart("select * from p where in_keyrange('-80')", "select * from c", key))
        .hasSize(1);
    assertThat(apart("select * from p", "select * from c where in_keyrange(b, 'hash', '-80')", key))
        .isEmpty();
    String same = "select * from c where in_keyrange(a, 'hash', '-80')";
    assertThat(apart(parent, same, key.replace("CASCADE", "SET NULL"))).hasSize(1);
    assertThat(apart(parent, same, key + " ON UPDATE CASCADE")).hasSize(1);
  }

  private static List<String> apart(String parentRule, String childRule, String key) {
    return problems(parentRule, childRule, child(key), child(key));
  }
}
