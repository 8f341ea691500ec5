package dev.shunt.schemas;

/** Which way traffic is switched. */
public enum Direction {
  FORWARD,
  BACKWARD
}
