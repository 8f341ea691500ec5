package dev.shunt.copy.creating;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShowCreateTableTest {
  @Test
  void takesAutoIncrementFromColumnAndTable() {
    assertThat(
            ShowCreateTable.withoutAutoIncrement(
                """
                CREATE TABLE `t` (
                  `id` bigint NOT NULL AUTO_INCREMENT,
                  PRIMARY KEY (`id`)
                ) ENGINE=InnoDB AUTO_INCREMENT=17 DEFAULT CHARSET=utf8mb4\
                """))
        .isEqualTo(
            """
            CREATE TABLE `t` (
              `id` bigint NOT NULL,
              PRIMARY KEY (`id`)
            ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4\
            """);
  }

  @Test
  void leavesNamesAndTextsAlone() {
    String ddl =
        """
        CREATE TABLE `t` (
          `auto_increment` int DEFAULT NULL COMMENT 'no AUTO_INCREMENT, it''s \\' AUTO_INCREMENT=1',
          `a``b AUTO_INCREMENT` varchar(9) DEFAULT 'AUTO_INCREMENT'
        )\
        """;
    assertThat(ShowCreateTable.withoutAutoIncrement(ddl)).isEqualTo(ddl);
  }
}
