package dev.shunt.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class PortsTest {
  @Test
  void givesNoPortThatIsReservedForSomebody() {
    try (PortReservation reserved = PortReservation.any()) {
      int another = Ports.free();
      Iterator<Integer> candidates = List.of(reserved.port(), another).iterator();

      try (PortReservation next = Ports.reserve(candidates::next)) {
        assertThat(next.port()).isEqualTo(another);
      }
    }
  }

  @Test
  void keepsThePortOfAServerUntilTheProcessEnds() {
    int port = Ports.orFree(0);

    assertThat(PortReservation.of(port)).isEmpty();
  }

  @Test
  void leavesAChosenPortToItsGiver() {
    try (PortReservation reserved = PortReservation.any()) {
      assertThat(Ports.orFree(reserved.port())).isEqualTo(reserved.port());
    }
  }
}
