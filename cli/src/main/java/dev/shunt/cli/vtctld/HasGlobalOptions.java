package dev.shunt.cli.vtctld;

/** The root of the command line. */
public interface HasGlobalOptions {
  /** The flags that verbs share; {@link Reads} says which of them one reads. */
  GlobalOptions globalOptions();
}
