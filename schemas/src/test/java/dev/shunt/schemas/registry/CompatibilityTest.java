package dev.shunt.schemas.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompatibilityTest {
  private static final Schema A = record("{'name':'a','type':'long'}");
  private static final Schema A_AND_B =
      record("{'name':'a','type':'long'},{'name':'b','type':'long'}");
  private static final Schema A_AND_OPTIONAL_B =
      record("{'name':'a','type':'long'},{'name':'b','type':'long','default':0}");

  @ParameterizedTest
  @CsvSource({
    // level, may a field without default be added, may it be dropped, may an optional one be added
    "NONE,                true,  true,  true",
    "BACKWARD,            false, true,  true",
    "BACKWARD_TRANSITIVE, false, true,  true",
    "FORWARD,             true,  false, true",
    "FORWARD_TRANSITIVE,  true,  false, true",
    "FULL,                false, false, true",
    "FULL_TRANSITIVE,     false, false, true",
  })
  void eachLevelAllowsWhatItsNameSays(
      Compatibility level, boolean add, boolean drop, boolean addOptional) {
    assertThat(level.problems(A_AND_B, List.of(A)).isEmpty()).isEqualTo(add);
    assertThat(level.problems(A, List.of(A_AND_B)).isEmpty()).isEqualTo(drop);
    assertThat(level.problems(A_AND_OPTIONAL_B, List.of(A)).isEmpty()).isEqualTo(addOptional);
    assertThat(level.problems(A, List.of())).isEmpty();
  }

  @Test
  void onlyTransitiveLevelsLookBehindTheLastVersion() {
    List<Schema> versions = List.of(A, A_AND_OPTIONAL_B);

    assertThat(Compatibility.FULL.problems(A_AND_B, versions)).isEmpty();
    assertThat(Compatibility.FULL_TRANSITIVE.problems(A_AND_B, versions)).isNotEmpty();
  }

  @Test
  void levelsAreReadInAnyCase() {
    assertThat(Compatibility.parse("full_transitive")).isEqualTo(Compatibility.FULL_TRANSITIVE);
    assertThatIllegalArgumentException().isThrownBy(() -> Compatibility.parse("best"));
  }

  @Test
  void theRegistryInMemoryRefusesAsTheRealOne() {
    InMemoryRegistry registry = new InMemoryRegistry();
    int id = registry.register("s", A);

    assertThat(registry.register("s", A)).isEqualTo(id);
    assertThat(registry.register("other", A)).isEqualTo(id);
    assertThat(registry.byId(id)).isEqualTo(A);
    assertThatThrownBy(() -> registry.register("s", A_AND_B))
        .isInstanceOfSatisfying(
            RegistryException.class, e -> assertThat(e.status()).isEqualTo(409));
    assertThatThrownBy(() -> registry.byId(99))
        .isInstanceOfSatisfying(
            RegistryException.class, e -> assertThat(e.errorCode()).isEqualTo(40403));
  }

  private static Schema record(String fields) {
    return new Schema.Parser()
        .parse("{'type':'record','name':'R','fields':[%s]}".formatted(fields).replace('\'', '"'));
  }
}
