package dev.shunt.cli.vtctld;

import dev.shunt.service.Durations;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Flags that may stand before or after the name of the verbs that read them ({@link Reads}). */
public final class GlobalOptions {
  /** Address of a command service or vtctld. */
  @Option(
      names = "--server",
      scope = ScopeType.INHERIT,
      paramLabel = "HOST:PORT",
      defaultValue = "${env:SHUNT_SERVER:-127.0.0.1:15999}",
      description = "Command service to call (env SHUNT_SERVER; default: ${DEFAULT-VALUE}).")
  public String server = "";

  /** How long a call may take. */
  @Option(
      names = "--action-timeout",
      scope = ScopeType.INHERIT,
      paramLabel = "DURATION",
      defaultValue = "1h0m0s",
      converter = GoDuration.class,
      description = "Longest time for the whole call (default: ${DEFAULT-VALUE}).")
  public Duration actionTimeout = Duration.ofHours(1);

  /** Leave unset fields out of JSON. */
  @Option(
      names = "--compact",
      scope = ScopeType.INHERIT,
      arity = "0..1",
      fallbackValue = "true",
      description = "Leave fields with zero values out of JSON.")
  public boolean compact;

  /** Who issues commands. */
  @Option(
      names = "--issuer",
      scope = ScopeType.INHERIT,
      defaultValue = "${env:SHUNT_ISSUER:-${sys:user.name}}",
      description = "Who issues the command, for the audit log (default: ${DEFAULT-VALUE}).")
  public String issuer = "";

  /** The reason that goes into the audit log. */
  @Option(
      names = "--reason",
      scope = ScopeType.INHERIT,
      defaultValue = "",
      description = "Why, for the audit log.")
  public String reason = "";

  /** Id of the command. */
  @Option(
      names = "--command-id",
      scope = ScopeType.INHERIT,
      paramLabel = "UUID",
      description = "Id of the command; sent twice it acts once (default: a new one).")
  public @Nullable String commandId;

  /** Version of the workflow that the issuer saw. */
  @Option(
      names = "--expected-version",
      scope = ScopeType.INHERIT,
      paramLabel = "N",
      description = "Refuse the command when the workflow has moved on from this version.")
  public @Nullable Long expectedVersion;

  /** Reads Go's durations. */
  public static final class GoDuration implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String value) {
      return Durations.parse(value);
    }
  }
}
