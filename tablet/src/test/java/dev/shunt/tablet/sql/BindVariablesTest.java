package dev.shunt.tablet.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.shunt.workflow.sql.lexer.SqlSyntaxException;
import io.vitess.proto.Query;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class BindVariablesTest {
  private static String substitute(String sql, Query.Type type, String value) {
    return new String(
        BindVariables.substitute(
            Query.BoundQuery.newBuilder()
                .setSql(sql)
                .putBindVariables(
                    "v",
                    Query.BindVariable.newBuilder()
                        .setType(type)
                        .setValue(ByteString.copyFrom(value, StandardCharsets.ISO_8859_1))
                        .build())
                .build()),
        StandardCharsets.ISO_8859_1);
  }

  @Test
  void writesEachTypeAsItsLiteral() {
    assertThat(substitute("a=:v", Query.Type.INT64, "-5")).isEqualTo("a= -5");
    assertThat(substitute("a=:v", Query.Type.DECIMAL, "1.50e3")).isEqualTo("a=1.50e3");
    assertThat(substitute("a=:v", Query.Type.NULL_TYPE, "")).isEqualTo("a=null");
    assertThat(substitute("a=:v", Query.Type.VARCHAR, "o'x\\")).isEqualTo("a='o\\'x\\\\'");
    assertThat(substitute("a=:v", Query.Type.VARBINARY, "abc")).isEqualTo("a='abc'");
    assertThat(substitute("a=:v", Query.Type.VARBINARY, "\u00ff")).isEqualTo("a=_binary'\u00ff'");
    assertThat(substitute("a=:v", Query.Type.BLOB, "abc")).isEqualTo("a=_binary'abc'");
    assertThat(substitute("a=:v", Query.Type.BIT, "\u0005")).isEqualTo("a=b'00000101'");
    assertThat(substitute("':v' = :v", Query.Type.INT8, "1")).isEqualTo("':v' = 1");
  }

  @Test
  void writesLists() {
    Query.BindVariable list =
        Query.BindVariable.newBuilder()
            .setType(Query.Type.TUPLE)
            .addValues(value(Query.Type.INT64, "1"))
            .addValues(value(Query.Type.VARCHAR, "b"))
            .build();
    Query.BoundQuery query =
        Query.BoundQuery.newBuilder()
            .setSql("select * from t where a in ::l")
            .putBindVariables("l", list)
            .build();
    assertThat(new String(BindVariables.substitute(query), StandardCharsets.UTF_8))
        .isEqualTo("select * from t where a in (1, 'b')");
  }

  private static Query.Value value(Query.Type type, String text) {
    return Query.Value.newBuilder().setType(type).setValue(ByteString.copyFromUtf8(text)).build();
  }

  @Test
  void letsNoValueBecomeSql() {
    for (String value : List.of("1 or 1=1", "", "-", "1e", "0x1", "1;", "1.2.3")) {
      assertThatExceptionOfType(SqlSyntaxException.class)
          .as(value)
          .isThrownBy(() -> substitute("a=:v", Query.Type.INT64, value));
    }
    assertThatExceptionOfType(SqlSyntaxException.class)
        .isThrownBy(() -> substitute("a=:missing", Query.Type.INT64, "1"));
    assertThatExceptionOfType(SqlSyntaxException.class)
        .isThrownBy(() -> substitute("a in ::v", Query.Type.INT64, "1"));
    assertThatExceptionOfType(SqlSyntaxException.class)
        .isThrownBy(() -> substitute("a=:v", Query.Type.HEXVAL, "x'0' or '"));
  }
}
