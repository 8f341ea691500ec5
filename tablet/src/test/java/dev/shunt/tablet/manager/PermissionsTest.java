package dev.shunt.tablet.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PermissionsTest {
  /** The check value of CRC-64/GO-ISO. */
  @Test
  void sumsUpPasswordsAsVitessDoes() {
    byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
    assertThat(Permissions.checksum(digits)).isEqualTo(0xB90956C775A41001L);
    assertThat(Permissions.checksum(new byte[0])).isZero();
  }
}
