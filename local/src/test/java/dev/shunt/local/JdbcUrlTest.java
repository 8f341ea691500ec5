package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Tls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  @Test
  void takesTheNameOfASettingInAnyCase() {
    assertThat(JdbcUrl.parse("mysql://u@db/shop?sslmode=VERIFY_IDENTITY").tls().mode())
        .isEqualTo(Tls.Mode.VERIFY_IDENTITY);
  }

  @ParameterizedTest
  @CsvSource({
    "mysql://u:geheim@db/shop?useSSL=true&requireSSL=true, useSSL",
    "jdbc:mysql://db/shop?user=u&ssl-mode=REQUIRED&password=geheim, ssl-mode",
    "mysql://u:geheim@db/shop?requireSSL, requireSSL",
  })
  void namesASettingThatItDoesNotKnow(String url, String setting) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JdbcUrl.parse(url))
        .withMessageStartingWith("unknown setting '" + setting + "' in the address: there are user")
        .satisfies(e -> assertThat(e).hasMessageNotContaining("geheim"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mysql://u+v:a+b@db/shop",
        "jdbc:mysql://db/shop?user=u+v&password=a+b",
        "jdbc:mysql://db/shop?user=u%2Bv&password=a%2Bb",
      })
  void leavesAPlusOfAnAccountAsItIs(String url) {
    MysqlEndpoint endpoint = JdbcUrl.parse(url);

    assertThat(endpoint.user()).isEqualTo("u+v");
    assertThat(endpoint.password().reveal()).isEqualTo("a+b");
  }

  @ParameterizedTest
  @CsvSource({
    "mysql://u:p@old_db:3307/shop, old_db:3307",
    "mysql://u:p@old_db/shop, old_db:3306",
    "jdbc:mysql://old_db:3307/shop?user=u&password=p, old_db:3307",
    "mysql://u:p@[::1]:3307/shop, [::1]:3307",
  })
  void takesHostsAsComposeNamesThem(String url, String address) {
    MysqlEndpoint endpoint = JdbcUrl.parse(url);

    assertThat(endpoint.address()).isEqualTo(address);
    assertThat(endpoint.user()).isEqualTo("u");
    assertThat(endpoint.password().reveal()).isEqualTo("p");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mysql://db/shop?user=u&password=a&geheim=b",
        "mysql://db/shop?user=u&password=a&geheim",
        "mysql://u:a?geheim=b@db/shop",
        "mysql://u:12/a?geheim=b@db/shop",
        "mysql://u:geheim@db/shop?sslMode=",
        "mysql://u:geheim@db/shop?sslMode=REQUIRED&sslmode=DISABLED",
        "mysql://u:geheim@old_db:port/shop",
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
