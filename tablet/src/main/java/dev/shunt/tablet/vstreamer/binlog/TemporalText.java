package dev.shunt.tablet.vstreamer.binlog;

import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** Reads the date and time types of row images and prints them as MySQL does, in UTC. */
final class TemporalText {
  private TemporalText() {}

  static String date(ByteReader in) {
    int value = (int) in.littleEndian(3);
    StringBuilder text = new StringBuilder(10);
    date(text, value >> 9, value >> 5 & 15, value & 31);
    return text.toString();
  }

  static String year(ByteReader in) {
    int value = in.uint8();
    return value == 0 ? "0000" : Integer.toString(1900 + value);
  }

  static String timestamp(ByteReader in, int fractionDigits) {
    long seconds = in.bigEndian(4);
    return timestamp(seconds, fraction(in, fractionDigits), fractionDigits);
  }

  /** TIMESTAMP of MySQL before 5.6: whole seconds, little-endian. */
  static String oldTimestamp(ByteReader in) {
    return timestamp(in.uint32(), 0, 0);
  }

  private static String timestamp(long seconds, int micros, int fractionDigits) {
    StringBuilder text = new StringBuilder(26);
    if (seconds == 0 && micros == 0) {
      dateTime(text, 0, 0, 0, 0, 0, 0);
    } else {
      LocalDateTime utc = LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC);
      dateTime(
          text,
          utc.getYear(),
          utc.getMonthValue(),
          utc.getDayOfMonth(),
          utc.getHour(),
          utc.getMinute(),
          utc.getSecond());
    }
    return appendFraction(text, micros, fractionDigits).toString();
  }

  static String dateTime(ByteReader in, int fractionDigits) {
    long packed = in.bigEndian(5) - 0x8000000000L;
    StringBuilder text = new StringBuilder(26);
    packedDateTime(text, packed);
    return appendFraction(text, fraction(in, fractionDigits), fractionDigits).toString();
  }

  /** DATETIME of MySQL before 5.6: the number yyyymmddhhmmss. */
  static String oldDateTime(ByteReader in) {
    long value = in.int64();
    int date = (int) (value / 1_000_000);
    int time = (int) (value % 1_000_000);
    StringBuilder text = new StringBuilder(19);
    dateTime(
        text,
        date / 10_000,
        date / 100 % 100,
        date % 100,
        time / 10_000,
        time / 100 % 100,
        time % 100);
    return text.toString();
  }

  static String time(ByteReader in, int fractionDigits) {
    int fractionBytes = (fractionDigits + 1) / 2;
    long packed;
    if (fractionBytes == 3) {
      packed = in.bigEndian(6) - 0x800000000000L;
    } else {
      long whole = in.bigEndian(3) - 0x800000L;
      int fraction = (int) in.bigEndian(fractionBytes);
      if (whole < 0 && fraction > 0) {
        whole++;
        fraction -= 1 << (8 * fractionBytes);
      }
      packed = (whole << 24) + (long) fraction * (fractionBytes == 1 ? 10_000 : 100);
    }
    return packedTime(packed, fractionDigits);
  }

  /** TIME of MySQL before 5.6: the number hhmmss, negative ones in two's complement. */
  static String oldTime(ByteReader in) {
    int value = (int) in.littleEndian(3);
    if (value >= 0x800000) {
      value -= 0x1000000;
    }
    StringBuilder text = new StringBuilder(10);
    if (value < 0) {
      text.append('-');
    }
    int time = Math.abs(value);
    clock(text, time / 10_000, time / 100 % 100, time % 100);
    return text.toString();
  }

  /** The 64-bit time of binary JSON: 24 bits of microseconds below hours, minutes, seconds. */
  static String packedTime(long packed, int fractionDigits) {
    StringBuilder text = new StringBuilder(17);
    if (packed < 0) {
      text.append('-');
    }
    long time = Math.abs(packed);
    int whole = (int) (time >> 24);
    clock(text, whole >> 12 & 0x3ff, whole >> 6 & 63, whole & 63);
    return appendFraction(text, (int) (time & 0xffffff), fractionDigits).toString();
  }

  /** The 64-bit date or datetime of binary JSON. */
  static String packedDateTimeMicros(long packed, boolean dateOnly) {
    StringBuilder text = new StringBuilder(26);
    packedDateTime(text, packed >> 24);
    if (dateOnly) {
      text.setLength(10);
      return text.toString();
    }
    return appendFraction(text, (int) (packed & 0xffffff), 6).toString();
  }

  private static void packedDateTime(StringBuilder text, long packed) {
    int yearMonth = (int) (packed >> 22);
    dateTime(
        text,
        yearMonth / 13,
        yearMonth % 13,
        (int) (packed >> 17 & 31),
        (int) (packed >> 12 & 31),
        (int) (packed >> 6 & 63),
        (int) (packed & 63));
  }

  private static void dateTime(
      StringBuilder text, int year, int month, int day, int hour, int minute, int second) {
    date(text, year, month, day);
    text.append(' ');
    clock(text, hour, minute, second);
  }

  private static void date(StringBuilder text, int year, int month, int day) {
    digits(text, year, 4);
    text.append('-');
    digits(text, month, 2);
    text.append('-');
    digits(text, day, 2);
  }

  private static void clock(StringBuilder text, int hour, int minute, int second) {
    digits(text, hour, 2);
    text.append(':');
    digits(text, minute, 2);
    text.append(':');
    digits(text, second, 2);
  }

  private static int fraction(ByteReader in, int fractionDigits) {
    int bytes = (fractionDigits + 1) / 2;
    int value = (int) in.bigEndian(bytes);
    return switch (bytes) {
      case 1 -> value * 10_000;
      case 2 -> value * 100;
      default -> value;
    };
  }

  private static StringBuilder appendFraction(StringBuilder text, int micros, int fractionDigits) {
    if (fractionDigits > 0) {
      text.append('.');
      int start = text.length();
      digits(text, micros, 6);
      text.setLength(start + fractionDigits);
    }
    return text;
  }

  private static void digits(StringBuilder text, int value, int width) {
    String number = Integer.toString(value);
    text.repeat('0', Math.max(0, width - number.length())).append(number);
  }
}
