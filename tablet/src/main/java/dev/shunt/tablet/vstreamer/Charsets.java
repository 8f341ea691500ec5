package dev.shunt.tablet.vstreamer;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** Java's charset for a server's character set name. */
final class Charsets {
  private Charsets() {}

  /** UTF-8 where Java has no equal. */
  static Charset of(String name) {
    String java =
        switch (name) {
          case "latin1" -> "windows-1252";
          case "binary" -> "ISO-8859-1";
          case "ascii" -> "US-ASCII";
          case "utf16" -> "UTF-16BE";
          case "utf16le" -> "UTF-16LE";
          case "utf32" -> "UTF-32BE";
          case "ucs2" -> "UTF-16BE";
          case "latin2" -> "ISO-8859-2";
          case "latin5" -> "ISO-8859-9";
          case "latin7" -> "ISO-8859-13";
          case "greek" -> "ISO-8859-7";
          case "hebrew" -> "ISO-8859-8";
          case "cp1250" -> "windows-1250";
          case "cp1251" -> "windows-1251";
          case "cp1256" -> "windows-1256";
          case "cp1257" -> "windows-1257";
          case "koi8r" -> "KOI8-R";
          case "koi8u" -> "KOI8-U";
          case "gbk" -> "GBK";
          case "gb2312" -> "GB2312";
          case "gb18030" -> "GB18030";
          case "big5" -> "Big5";
          case "sjis", "cp932" -> "windows-31j";
          case "ujis", "eucjpms" -> "EUC-JP";
          case "euckr" -> "EUC-KR";
          default -> "UTF-8";
        };
    return Charset.isSupported(java) ? Charset.forName(java) : StandardCharsets.UTF_8;
  }
}
