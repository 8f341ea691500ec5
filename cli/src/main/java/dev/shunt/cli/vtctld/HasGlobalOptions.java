package dev.shunt.cli.vtctld;

/** The root of the command line. */
public interface HasGlobalOptions {
  /** The flags that every verb takes. */
  GlobalOptions globalOptions();
}
