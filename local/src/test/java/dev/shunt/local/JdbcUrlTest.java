package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Tls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JdbcUrlTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "mysql://u:g%23h@db:3307/shop",
        "mariadb://u:g%23h@db:3307/shop",
        "jdbc:mysql://u:g%23h@db:3307/shop",
        "jdbc:mysql://db:3307/shop?user=u&password=g%23h",
        "jdbc:mariadb://db:3307/shop?password=g%23h&user=u",
      })
  void readsTheFormsThatPeopleHave(String url) {
    MysqlEndpoint endpoint = JdbcUrl.parse(url);

    assertThat(endpoint.address()).isEqualTo("db:3307");
    assertThat(endpoint.user()).isEqualTo("u");
    assertThat(endpoint.password().reveal()).isEqualTo("g#h");
    assertThat(endpoint.database()).isEqualTo("shop");
    assertThat(endpoint.toString()).doesNotContain("g#h");
  }

  @Test
  void takesThePortOfMysqlAndTheWishForTls() {
    MysqlEndpoint endpoint = JdbcUrl.parse("mysql://u:a+b@db/shop?sslMode=REQUIRED");

    assertThat(endpoint.port()).isEqualTo(3306);
    assertThat(endpoint.socket()).isNull();
    assertThat(endpoint.password().reveal()).as("a plus is no blank there").isEqualTo("a+b");
    assertThat(endpoint.tls().mode()).isEqualTo(Tls.Mode.REQUIRED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mysql://u:geheim@localhost/shop?socket=/run/my%20sql.sock",
        "jdbc:mysql://localhost/shop?user=u&socket=/run/my+sql.sock&password=geheim",
        "jdbc:mariadb://localhost/shop?user=u&localSocket=/run/my%20sql.sock&password=geheim",
      })
  void takesAUnixSocketInPlaceOfThePort(String url) {
    MysqlEndpoint endpoint = JdbcUrl.parse(url);

    assertThat(endpoint.socket()).isEqualTo("/run/my sql.sock");
    assertThat(endpoint.address()).isEqualTo("/run/my sql.sock");
    assertThat(endpoint.password().reveal()).isEqualTo("geheim");
    assertThat(endpoint.toString()).doesNotContain("geheim");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgres://u:geheim@db/shop",
        "u:geheim@db/shop",
        "mysql://u:geheim|@db/shop",
        "mysql://u:geheim db/shop",
        "mysql://u:geheim%@db/shop",
        "mysql://u:geheim@db",
        "mysql://geheim@/shop",
        "mysql://db/shop?password=geheim",
        "mysql://db/shop?user=u&password=geheim#x",
        "mysql://u:geheim@db:70000/shop",
        "mysql://u:geheim@db/shop?sslMode=maybe",
        "mysql://u:geheim@db/shop?socket=",
        "mysql://u@db/shop?socket=geheim%00",
      })
  void refusesOthersWithoutRepeatingThem(String url) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JdbcUrl.parse(url))
        .satisfies(e -> assertThat(e).hasMessageNotContaining("geheim").hasNoCause());
  }
}
