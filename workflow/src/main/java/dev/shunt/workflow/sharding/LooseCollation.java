package dev.shunt.workflow.sharding;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.ResourceBundle;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Collation keys of Unicode's root collation at its first level, which distinguishes neither case,
 * accents nor width, with the weights as Go's golang.org/x/text/collate numbers them: those are
 * what Vitess hashes, and no library for Java has the same. A weight is written in two bytes up to
 * 0x7fff, in three with the top bit set beyond. Spaces and punctuation count.
 *
 * <p>The resource {@code LooseWeights.properties} holds unsigned LEB128 numbers: runs of code
 * points (distance from the run before, length, increment, weights of the first), then sequences of
 * code points that have weights of their own.
 */
final class LooseCollation {
  private static final LooseCollation INSTANCE = load();

  /** Starts of the runs, ascending, and for each its increment and its weights. */
  private final int[] starts;

  private final int[] increments;
  private final int[][] weights;

  /** Sequences by their text. */
  private final Map<String, int[]> sequences;

  /** By the first character of sequences, the marks in them. */
  private final Map<Integer, Set<Integer>> joined;

  private final int longestSequence;

  private LooseCollation(
      int[] starts, int[] increments, int[][] weights, Map<String, int[]> sequences) {
    this.starts = starts;
    this.increments = increments;
    this.weights = weights;
    this.sequences = sequences;
    this.joined = new HashMap<>();
    sequences
        .keySet()
        .forEach(sequence ->
            sequence
                .codePoints()
                .skip(1)
                .filter(LooseCollation::isMark)
                .forEach(mark ->
                    joined
                        .computeIfAbsent(sequence.codePointAt(0), first -> new HashSet<>())
                        .add(mark)));
    this.longestSequence = sequences.keySet().stream().mapToInt(String::length).max().orElse(0);
  }

  /**
   * The key of a text.
   *
   * @param utf8 the text, with trailing spaces
   * @throws UnmappableValueException when it is not UTF-8, or has combining marks whose order only
   *     a full normalization would settle
   */
  static byte[] key(String vindexType, byte[] utf8) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException _) {
      throw new UnmappableValueException(vindexType, "value is not valid UTF-8");
    }
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == ' ') {
      end--;
    }
    return INSTANCE.keyOf(vindexType, text.substring(0, end));
  }

  private byte[] keyOf(String vindexType, String text) {
    demandOrder(vindexType, text);
    Bytes key = new Bytes();
    int at = 0;
    while (at < text.length()) {
      int length = sequenceAt(text, at);
      if (length > 0) {
        for (int weight : sequences.getOrDefault(text.substring(at, at + length), new int[0])) {
          append(key, weight);
        }
        at += length;
      } else {
        int codePoint = text.codePointAt(at);
        appendOne(key, codePoint);
        at += Character.charCount(codePoint);
      }
    }
    return key.toByteArray();
  }

  /** Of marks in a row, only those matter that have weights, or that change those of others. */
  private void demandOrder(String vindexType, String text) {
    int at = 0;
    while (at < text.length()) {
      int end = at;
      int marks = 0;
      while (end < text.length() && isMark(text.codePointAt(end))) {
        end += Character.charCount(text.codePointAt(end));
        marks++;
      }
      if (marks > 1 && !ordered(text.substring(0, at), text.substring(at, end))) {
        throw new UnmappableValueException(
            vindexType, "value has several combining marks on one character");
      }
      at = end < text.length() ? end + Character.charCount(text.codePointAt(end)) : end;
    }
  }

  /** Whether a normalization would move no mark that counts, nor join one with what is before. */
  private boolean ordered(String before, String marks) {
    Set<Integer> joining = joining(before, marks);
    if (marks.codePoints().skip(1).anyMatch(joining::contains)) {
      return false;
    }
    IntPredicate counts = mark -> hasWeights(mark) || joining.contains(mark);
    String decomposed = Normalizer.normalize(marks, Normalizer.Form.NFD);
    return Arrays.equals(
        marks.codePoints().filter(counts).toArray(),
        decomposed.codePoints().filter(counts).toArray());
  }

  /** The marks that have weights together with a mark, or with one of the characters before. */
  private Set<Integer> joining(String before, String marks) {
    String near = before.substring(Math.max(0, before.length() - longestSequence)) + marks;
    Set<Integer> joining = new HashSet<>();
    near.codePoints().forEach(first -> joining.addAll(joined.getOrDefault(first, Set.of())));
    return joining;
  }

  private static boolean isMark(int codePoint) {
    return Character.getType(codePoint) == Character.NON_SPACING_MARK;
  }

  private int sequenceAt(String text, int at) {
    for (int length = Math.min(longestSequence, text.length() - at); length > 1; length--) {
      if (sequences.containsKey(text.substring(at, at + length))) {
        return length;
      }
    }
    return 0;
  }

  private boolean hasWeights(int codePoint) {
    return weights[runOf(codePoint)].length > 0;
  }

  private int runOf(int codePoint) {
    int found = Arrays.binarySearch(starts, codePoint);
    return found >= 0 ? found : -found - 2;
  }

  private void appendOne(Bytes key, int codePoint) {
    int run = runOf(codePoint);
    int distance = codePoint - starts[run];
    for (int weight : weights[run]) {
      append(key, weight + distance * increments[run]);
    }
  }

  private static void append(Bytes key, int weight) {
    if (weight > 0x7fff) {
      key.write(weight >> 16 | 0x80);
    }
    key.write(weight >> 8);
    key.write(weight);
  }

  private static LooseCollation load() {
    ResourceBundle resource =
        ResourceBundle.getBundle(
            LooseCollation.class.getPackageName() + ".LooseWeights", Locale.ROOT);
    byte[] bytes = new byte[Integer.parseInt(resource.getString("size"))];
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(Base64.getDecoder().decode(resource.getString("weights")));
      for (int at = 0; at < bytes.length && !inflater.finished(); ) {
        at += inflater.inflate(bytes, at, bytes.length - at);
      }
    } catch (DataFormatException e) {
      throw new IllegalStateException("LooseWeights.properties is damaged", e);
    } finally {
      inflater.end();
    }
    return read(ByteBuffer.wrap(bytes));
  }

  private static LooseCollation read(ByteBuffer in) {
    int runs = number(in);
    int[] starts = new int[runs];
    int[] increments = new int[runs];
    int[][] weights = new int[runs][];
    int start = 0;
    for (int i = 0; i < runs; i++) {
      start += number(in);
      starts[i] = start;
      var unusedLength = number(in); // the next run begins behind it
      increments[i] = number(in);
      weights[i] = numbers(in);
    }
    Map<String, int[]> sequences = new HashMap<>();
    for (int left = number(in); left > 0; left--) {
      int[] codePoints = numbers(in);
      sequences.put(new String(codePoints, 0, codePoints.length), numbers(in));
    }
    return new LooseCollation(starts, increments, weights, sequences);
  }

  private static int[] numbers(ByteBuffer in) {
    int[] numbers = new int[number(in)];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = number(in);
    }
    return numbers;
  }

  private static int number(ByteBuffer in) {
    int number = 0;
    for (int shift = 0; ; shift += 7) {
      int b = in.get() & 0xff;
      number |= (b & 0x7f) << shift;
      if (b < 0x80) {
        return number;
      }
    }
  }
}
