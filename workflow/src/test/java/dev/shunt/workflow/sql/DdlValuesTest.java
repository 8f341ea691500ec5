package dev.shunt.workflow.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.workflow.sql.DdlValues.Retyped;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DdlValuesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "truncate t",
        "drop table t",
        "create index i on t (a)",
        "create table t (id int auto_increment primary key, d datetime default now())",
        "alter table t add c int",
        "alter table t add column if not exists c varchar(9) character set latin1 default 'a b'",
        "alter table t add c int not null default -1 after b, add key (c), drop column d",
        "alter table t add (c int, d decimal(5,2) default 1.5, unique key (c)) comment 'x'",
        "alter table d.t wait 5 add c bit(3) default b'101', algorithm=inplace, lock=none",
        "alter table t add c timestamp null default null",
        "alter table t add c int comment 'ä', comment = 'ö'",
        "alter table t add constraint f foreign key (a) references p (b) on update cascade",
        "alter table t add constraint k check (a > 0), add primary key (a)",
        "alter table t drop partition p0, p1",
        "alter table t reorganize partition p0, p1 into (partition p values less than (5))",
        "alter table t add partition (partition p values less than (5))",
        "alter table t partition by range (a) (partition p values less than (5))",
        "alter table t rename column a to b, rename key i to j, alter c set default 5",
        "alter table t convert to character set utf8mb4, engine=InnoDB row_format=dynamic",
      })
  void areTheSameWhereNothingDependsOnTheSession(String sql) {
    assertThat(DdlValues.read(sql).obstacle()).isEmpty();
    assertThat(DdlValues.read(sql).retyped()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "alter table t add c datetime default now() ; default",
        "alter table t add c datetime on update current_timestamp ; default",
        "alter table t add (a int, c varchar(40) default (uuid())) ; column c",
        "alter table t add c datetime(1) default '2024-01-01 00:00:00.25' ; default",
        "alter table t add c varchar(9) default 'a\\n' ; default",
        "alter table t add c varchar(9) default \"a\" ; default",
        "alter table t add c varchar(9) default 'a' || 'b' ; default",
        "alter table t add c varchar(9) default _latin1'a' ; default",
        "alter table t add c varchar(9) default 'ä' ; ASCII",
        "alter table t add e enum('ä') ; ASCII",
        "alter table t add c timestamp ; TIMESTAMP",
        "alter table t add c timestamp not null default '2024-01-01 00:00:00' ; TIMESTAMP",
        "alter table t add c int auto_increment unique ; numbered",
        "alter table t add c serial ; numbered",
        "alter table t add c int as (a + b) ; computed",
        "alter table t add c int generated always as (a + b) stored ; computed",
        "alter table t modify c int generated always as (a + b) stored ; computed",
        "alter table t add key ((a || b)) ; expression",
        "create unique index i on t ((a || b)) ; computed",
        "create table t (a int, b int as (a + 1)) ; computed",
        "alter table t convert to character set binary ; bytes",
        "alter table t add system versioning ; system",
        "alter table t add c int, new_option=5 ; NEW_OPTION",
        "alter table t add c datetime default '2020-01-01 10:00:00+05:00' ; default",
      })
  void mayDifferElsewhere(String sql, String reason) {
    assertThat(DdlValues.read(sql).obstacle().orElse("")).contains(reason);
  }

  @Test
  void tellsColumnsWhoseValuesAreConverted() {
    assertThat(
            DdlValues.read(
                    "alter table t modify a datetime(3) not null, change column `b` c bigint"
                        + " auto_increment, modify d varchar(9) charset binary, modify e blob,"
                        + " modify f long varbinary, modify g long")
                .retyped())
        .containsExactly(
            new Retyped("a", "datetime", 3, false, false),
            new Retyped("b", "bigint", 0, true, false),
            new Retyped("d", "varchar", 0, false, true),
            new Retyped("e", "blob", 0, false, true),
            new Retyped("f", "long", 0, false, true),
            new Retyped("g", "long", 0, false, false));
  }
}
