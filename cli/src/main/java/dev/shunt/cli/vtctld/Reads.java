package dev.shunt.cli.vtctld;

import com.google.common.collect.ImmutableList;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;

/**
 * Which of the flags that may stand before and after a verb's name the verb reads; on a verb
 * without it, none. Where a flag is not read it is neither shown nor taken.
 */
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Reads {
  /** Flags that are read together. */
  enum Group {
    /** Calls a command service. */
    CALLS("--server", "--action-timeout"),
    /** Waits for something. */
    WAITS("--action-timeout"),
    /** Prints messages as JSON. */
    MESSAGES("--compact"),
    /** Does something that is on the audit log. */
    ISSUES("--issuer", "--reason"),
    /** Sends a command. */
    COMMANDS("--command-id", "--expected-version");

    private final ImmutableList<String> flags;

    Group(String... flags) {
      this.flags = ImmutableList.copyOf(flags);
    }

    /** Names of the flags. */
    public List<String> flags() {
      return flags;
    }
  }

  /** The groups. */
  Group[] value();
}
