package dev.shunt.service;

import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Takes passwords out of addresses before they are printed: those in front of the host ({@code
 * mysql://user:password@host}) and those among the parameters ({@code ?password=…}).
 */
public final class Redaction {
  private static final String HIDDEN = "***";

  /** A password may hold whatever was not encoded, so that the last at-sign ends it. */
  private static final Pattern ACCOUNT = Pattern.compile("://([^\\s:/@]*):(\\S*)@");

  private static final Pattern PARAMETER =
      Pattern.compile(
          "(?i)((?:password|passwd|pwd)[0-9]?\\s*=\\s*)(?:'[^']*'|\"[^\"]*\"|[^&\\s;,'\"]+)");

  /** A password may have a comma too. */
  private static final Pattern BEFORE_ADDRESS =
      Pattern.compile(",(?=\\s*[A-Za-z][A-Za-z0-9+.-]*://)");

  private Redaction() {}

  /** The text with stars in place of passwords. */
  public static String of(String text) {
    String accounts = ACCOUNT.matcher(text).replaceAll("://$1:" + HIDDEN + "@");
    return PARAMETER.matcher(accounts).replaceAll("$1" + HIDDEN);
  }

  /** A comma list of addresses, each with stars in place of its password. */
  public static String ofList(String addresses) {
    return BEFORE_ADDRESS
        .splitAsStream(addresses)
        .map(Redaction::of)
        .collect(Collectors.joining(","));
  }
}
