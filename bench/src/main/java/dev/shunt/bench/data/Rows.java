package dev.shunt.bench.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;

/** What is in the rows; each row depends on its table and its id only. */
final class Rows {
  private static final String[] WORDS = {
    "above", "because", "carry", "during", "enough", "field", "garden", "harbour", "island",
    "journey", "kitchen", "ladder", "mountain", "notice", "orange", "paper", "quiet", "river",
    "silver", "timber", "under", "village", "winter", "yellow"
  };
  private static final String[] NAMES = {
    "Zoë Müller",
    "José Álvarez",
    "Анна Петрова",
    "李小龍",
    "Ingrid Ødegård",
    "Ada Byron",
    "Mary O'Neill",
    "Łukasz Żak"
  };
  private static final String[] LEVELS = {"bronze", "silver", "gold", "platinum"};
  private static final String[] STATES = {"new", "paid", "shipped", "returned"};
  private static final String[] INTERESTS = {"", "books", "music,sports", "books,music,travel"};
  private static final LocalDate FIRST_BIRTH = LocalDate.of(1940, 1, 1);
  private static final LocalDateTime FIRST_ORDER = LocalDateTime.of(2015, 1, 1, 0, 0);
  private static final int GROUP = 11;

  private Rows() {}

  /** Writes row {@code id} of a table. */
  static void write(Table table, long id, LineWriter out) throws IOException {
    SplittableRandom random = new SplittableRandom(id * 31 + table.name().hashCode());
    switch (table.name()) {
      case "customer" -> customer(id, random, out);
      case "corder" -> corder(id, random, out);
      default -> {
        Optional<KeyKind> key = KeyKind.ofTable(table.name());
        if (key.isPresent()) {
          key.get().write(id, table.rows(), random, out);
        } else {
          out.number(id);
        }
        sysbench(table.rows(), random, out);
      }
    }
    out.endRow();
  }

  private static void sysbench(long rows, SplittableRandom random, LineWriter out)
      throws IOException {
    out.number(random.nextLong(1, rows + 1)).plain(groups(random, 10)).plain(groups(random, 5));
  }

  /** Groups of eleven digits with dashes between them, as in sysbench's c and pad. */
  static String groups(SplittableRandom random, int count) {
    byte[] text = new byte[count * (GROUP + 1) - 1];
    for (int group = 0; group < count; group++) {
      long number = random.nextLong() & Long.MAX_VALUE;
      int start = group * (GROUP + 1);
      for (int i = 0; i < GROUP; i++) {
        text[start + i] = (byte) ('0' + number % 10);
        number /= 10;
      }
      if (group > 0) {
        text[start - 1] = '-';
      }
    }
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  private static void customer(long id, SplittableRandom random, LineWriter out)
      throws IOException {
    out.number(id).plain("customer." + id + "@shop.example");
    out.text(NAMES[random.nextInt(NAMES.length)] + " " + id % 97);
    nullable(random, out, FIRST_BIRTH.plusDays(random.nextInt(25_000)).toString());
    out.plain(decimal(random, 10_000_000, 2));
    nullable(random, out, Double.toString(random.nextDouble() * 1000));
    out.number(random.nextInt(2)).plain(LEVELS[random.nextInt(LEVELS.length)]);
    nullable(random, out, INTERESTS[random.nextInt(INTERESTS.length)]);
    out.plain(time(random, 6));
    nullable(random, out, time(random, 3));
    out.text(
        "{\"city\": \"%s\", \"visits\": %d, \"tags\": [\"%s\", \"%s\"]}"
            .formatted(word(random), random.nextInt(1000), word(random), word(random)));
    out.text(sentence(random, 4 + random.nextInt(4)) + "\n\tq\\" + id % 7);
  }

  private static void corder(long id, SplittableRandom random, LineWriter out) throws IOException {
    byte[] sku = new byte[8];
    random.nextBytes(sku);
    byte[] signature = new byte[40];
    random.nextBytes(signature);
    out.number(id).number(random.nextInt(1_000_000)).bytes(sku).number(random.nextInt(1, 100));
    out.plain(decimal(random, 100_000_000, 4));
    nullable(random, out, decimal(random, 10_000, 2));
    out.plain(STATES[random.nextInt(STATES.length)]).plain(time(random, 6));
    nullable(random, out, FIRST_BIRTH.plusDays(random.nextInt(30_000)).toString());
    nullable(random, out, "%02d:15:00.250".formatted(random.nextInt(24)));
    out.bytes(new byte[] {(byte) random.nextInt(256)}).bytes(signature);
    out.text(
        "{\"street\": \"%s %d\", \"zip\": \"%05d\"}"
            .formatted(word(random), random.nextInt(200), random.nextInt(100_000)));
    out.plain(sentence(random, 3 + random.nextInt(4)));
  }

  private static void nullable(SplittableRandom random, LineWriter out, String text)
      throws IOException {
    if (random.nextInt(10) == 0) {
      out.nothing();
    } else {
      out.plain(text);
    }
  }

  private static String decimal(SplittableRandom random, int bound, int scale) {
    long divisor = (long) Math.pow(10, scale);
    int value = random.nextInt(bound);
    return value / divisor + "." + String.valueOf(divisor + value % divisor).substring(1);
  }

  private static String time(SplittableRandom random, int fraction) {
    LocalDateTime time = FIRST_ORDER.plusSeconds(random.nextInt(300_000_000));
    String digits =
        String.valueOf(1_000_000 + random.nextInt(1_000_000)).substring(1, 1 + fraction);
    return time.toLocalDate()
        + String.format(
            Locale.ROOT,
            " %02d:%02d:%02d.%s",
            time.getHour(),
            time.getMinute(),
            time.getSecond(),
            digits);
  }

  private static String word(SplittableRandom random) {
    return WORDS[random.nextInt(WORDS.length)];
  }

  private static String sentence(SplittableRandom random, int words) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < words; i++) {
      text.append(i == 0 ? "" : " ").append(word(random));
    }
    return text.toString();
  }
}
