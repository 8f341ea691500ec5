package dev.shunt.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.shunt.schemas.StreamState;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.StringEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which states a stream may be in says {@code StreamState}, and nobody else names one by a text:
 * neither to compare it nor within a statement. Looks at the constants of classes, so that it does
 * not matter how the text got there.
 */
class StreamStatesTest {
  private static final String STATES = "dev.shunt.schemas.StreamState";

  /** Vitess's record of a lock has a status of its own. */
  private static final String LOCK = "dev.shunt.topo.LockValue";

  private static final String NAMES =
      Stream.of(StreamState.values())
          .map(StreamState::text)
          .map(Pattern::quote)
          .collect(Collectors.joining("|", "(?:", ")"));

  /** The name alone, or as a literal of SQL. */
  private static final Pattern NAMED = Pattern.compile("^" + NAMES + "$|['\"]" + NAMES + "['\"]");

  @Test
  void nobodyNamesOneByAText() {
    assertThat(
            Project.MAIN.stream()
                .filter(one -> !Set.of(STATES, LOCK).contains(one.getName()))
                .flatMap(one -> named(one).stream().map(text -> one.getName() + ": " + text))
                .sorted())
        .as("texts that name the state of a stream: use StreamState")
        .isEmpty();
  }

  /** What may do it does it: else the rule looks at nothing. */
  @Test
  void exceptionsAreNeeded() {
    assertThat(named(Project.MAIN.get(STATES))).hasSize(StreamState.values().length);
    assertThat(named(Project.MAIN.get(LOCK))).isNotEmpty();
  }

  // --- that the rule sees what it is for -----------------------------------------------------

  @SuppressWarnings("unused")
  private static final class Compares {
    static final String WANTED = "Running";

    boolean does(String state) {
      return state.equals(WANTED);
    }
  }

  @SuppressWarnings("unused")
  private static final class Switches {
    int does(String state) {
      return switch (state) {
        case "Lagging" -> 1;
        default -> 0;
      };
    }
  }

  @SuppressWarnings("unused")
  private static final class Writes {
    String does(int id) {
      return "update _vt.vreplication set state='Stopped' where id=" + id;
    }
  }

  @SuppressWarnings("unused")
  private static final class Speaks {
    String does(StreamState state) {
      return "Error: a stream is Running, not " + state.text();
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {Compares.class, Switches.class, Writes.class})
  void findsTheKind(Class<?> culprit) {
    assertThat(named(new ClassFileImporter().importClass(culprit))).hasSize(1);
  }

  @Test
  void letsProseBe() {
    assertThat(named(new ClassFileImporter().importClass(Speaks.class))).isEmpty();
  }

  private static List<String> named(JavaClass of) {
    List<String> found = new ArrayList<>();
    for (PoolEntry entry : Project.parse(of).constantPool()) {
      if (entry instanceof StringEntry text && NAMED.matcher(text.stringValue()).find()) {
        found.add(text.stringValue());
      }
    }
    return found;
  }
}
