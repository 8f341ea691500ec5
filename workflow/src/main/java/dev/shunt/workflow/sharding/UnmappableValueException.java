package dev.shunt.workflow.sharding;

/** A value has no keyspace id under a vindex: it is NULL, or not of the kind the vindex takes. */
public final class UnmappableValueException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnmappableValueException(String vindexType, String why) {
    super("could not map value to a keyspace id: vindex " + vindexType + ": " + why);
  }
}
