package dev.shunt.topo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vitess.proto.Topodata;
import org.junit.jupiter.api.Test;

class AliasesTest {
  @Test
  void uidsAreUnsigned() {
    Topodata.TabletAlias alias =
        Topodata.TabletAlias.newBuilder().setCell("zone-1").setUid((int) 3_000_000_000L).build();
    assertThat(Aliases.text(alias)).isEqualTo("zone-1-3000000000");
    assertThat(Aliases.parse("zone-1-3000000000")).isEqualTo(alias);
  }

  @Test
  void uidsHaveTenDigits() {
    Topodata.TabletAlias alias =
        Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(200).build();
    assertThat(Aliases.text(alias)).isEqualTo("zone1-0000000200");
    assertThat(Aliases.parse("zone1-200")).isEqualTo(alias);
  }

  @Test
  void refusesWhatIsNoAlias() {
    assertThatIllegalArgumentException().isThrownBy(() -> Aliases.parse("zone1"));
    assertThatIllegalArgumentException().isThrownBy(() -> Aliases.parse("zone1-x"));
  }
}
