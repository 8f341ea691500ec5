package dev.shunt.workflow.streams;

import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.Filter;
import binlogdata.Binlogdata.Rule;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RulesTest {
  @ParameterizedTest
  @CsvSource({
    "corder, corder, true",
    "corder, corders, false",
    "/corder, corders, true",
    "/^cord.*/, corder, true",
    "/^cord.*$/, scorder, false",
    "//.*//, corder, true",
    "/(, corder, true",
    "/.*, _vt_hld_6ace8bcef73211ea87e9f875a4d24e90_20200915120410_, false",
    "/^_vt/, _vt_HOLD_6ace8bcef73211ea87e9f875a4d24e90_20200915120410, false",
    "_vt_vrp_6ace8bcef73211ea87e9f875a4d24e90_20200915120410_,"
        + " _vt_vrp_6ace8bcef73211ea87e9f875a4d24e90_20200915120410_, true",
    "/.*, _vt_orders, true",
    "/.*, _vt_hold_6ace8bcef73211ea87e9f875a4d24e90_20200915120410, false",
    "/.*, _vt_hld_6ace8bcef73211ea87e9f875a4d24e90_20200915120410_2, true",
  })
  void haveATableAsVitessReadsThem(String match, String table, boolean has) {
    Filter filter = Filter.newBuilder().addRules(Rule.newBuilder().setMatch(match)).build();
    assertThat(Rules.have(filter, table)).isEqualTo(has);
  }

  @ParameterizedTest
  @CsvSource({"corder, false", "customer, true"})
  void theFirstThatMatchesDecides(String table, boolean has) {
    Filter filter =
        Filter.newBuilder()
            .addRules(Rule.newBuilder().setMatch("/^cord/").setFilter("exclude"))
            .addRules(Rule.newBuilder().setMatch("/.*/"))
            .build();
    assertThat(Rules.have(filter, table)).isEqualTo(has);
  }
}
