package dev.shunt.tablet.vstreamer;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Parts have equal distances, cover everything, and none begins at the first value. */
class KeyPartsTest {
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          1,        100,                  4,  26 51 76
          0,        9,                    3,  3 6
          -100,     99,                   2,  0
          0,        18446744073709551615, 2,  9223372036854775808
          7,        7,                    5,  ''
          7,        8,                    5,  8
          -9223372036854775808, 9223372036854775807, 4, -4611686018427387904 0 4611686018427387904
          """)
  void cutsAtEqualDistances(String first, String last, int parts, String starts) {
    List<BigInteger> cut = KeyParts.cut(new BigInteger(first), new BigInteger(last), parts);

    assertThat(String.join(" ", cut.stream().map(BigInteger::toString).toList())).isEqualTo(starts);
  }
}
