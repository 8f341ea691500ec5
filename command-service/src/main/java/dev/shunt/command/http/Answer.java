package dev.shunt.command.http;

import java.util.Map;

/**
 * An answer over HTTP.
 *
 * @param status code
 * @param body text, or what JSON is made of
 */
record Answer(int status, Object body) {
  static Answer error(int status, String sentence) {
    return new Answer(status, Map.of("error", sentence));
  }
}
