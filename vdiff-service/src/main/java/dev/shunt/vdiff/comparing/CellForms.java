package dev.shunt.vdiff.comparing;

import com.google.protobuf.ByteString;
import dev.shunt.tabletclient.FieldFlags;
import io.vitess.proto.Query;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Brings cells into one form where both sides write the same value in two: texts of other character
 * sets, fractions with zeros at their end, bits with zeros before them. What both sides write alike
 * is compared as it is.
 */
final class CellForms {
  private final List<Form> forms = new ArrayList<>();

  private enum Form {
    AS_IS,
    TEXT,
    FRACTION,
    BITS
  }

  /**
   * Of tablets that are not ours the character sets are not known, so bytes are compared.
   *
   * @param columns the target's
   * @param others the fields of the sources, each in the order of the target
   * @throws IllegalArgumentException for texts of a character set that is not known here
   */
  CellForms(List<Query.Field> columns, List<List<Query.Field>> others) {
    for (int i = 0; i < columns.size(); i++) {
      List<Query.Field> fields = new ArrayList<>(List.of(columns.get(i)));
      boolean marked = FieldFlags.areOurs(columns);
      for (List<Query.Field> side : others) {
        fields.add(side.get(i));
        marked &= FieldFlags.areOurs(side);
      }
      forms.add(form(fields, marked));
    }
  }

  private static Form form(List<Query.Field> fields, boolean marked) {
    Query.Field first = fields.getFirst();
    if (fields.stream().allMatch(CellForms::isText)) {
      if (!marked || fields.stream().allMatch(field -> field.getCharset() == first.getCharset())) {
        return Form.AS_IS;
      }
      for (Query.Field field : fields) {
        if (CollationCharsets.of(field.getCharset()).isEmpty()) {
          throw new IllegalArgumentException(
              "column %s has texts of two character sets, and that of collation %d is not known"
                  .formatted(field.getName(), field.getCharset()));
        }
      }
      return Form.TEXT;
    }
    if (fields.stream().allMatch(field -> field.getColumnType().equals(first.getColumnType()))) {
      return Form.AS_IS;
    }
    if (fields.stream().allMatch(CellForms::hasFraction)) {
      return Form.FRACTION;
    }
    return fields.stream().allMatch(field -> field.getType() == Query.Type.BIT)
        ? Form.BITS
        : Form.AS_IS;
  }

  private static boolean isText(Query.Field field) {
    boolean text =
        switch (field.getType()) {
          case CHAR, VARCHAR, TEXT, ENUM, SET -> true;
          default -> false;
        };
    return text && field.getCharset() != 0 && field.getCharset() != CollationCharsets.BINARY;
  }

  private static boolean hasFraction(Query.Field field) {
    return switch (field.getType()) {
      case DECIMAL, TIME, DATETIME, TIMESTAMP -> true;
      default -> false;
    };
  }

  /**
   * The form in which a cell is compared.
   *
   * @param column its place among the target's
   * @param own the field that it is of
   */
  ByteString of(int column, Query.Field own, ByteString cell) {
    return switch (forms.get(column)) {
      case AS_IS -> cell;
      case TEXT -> text(CollationCharsets.of(own.getCharset()), cell);
      case FRACTION -> withoutZeros(cell);
      case BITS -> withoutLeadingZeros(cell);
    };
  }

  /** What is no text of its character set stays as it is: nothing else is equal to it. */
  private static ByteString text(Optional<Charset> charset, ByteString cell) {
    if (charset.isEmpty() || charset.get().equals(StandardCharsets.UTF_8)) {
      return cell;
    }
    try {
      return ByteString.copyFromUtf8(
          charset.get().newDecoder().decode(cell.asReadOnlyByteBuffer()).toString());
    } catch (CharacterCodingException _) {
      return cell;
    }
  }

  private static ByteString withoutZeros(ByteString cell) {
    int point = cell.toString(StandardCharsets.ISO_8859_1).indexOf('.');
    if (point < 0) {
      return cell;
    }
    int end = cell.size();
    while (end > point + 1 && cell.byteAt(end - 1) == '0') {
      end--;
    }
    return cell.substring(0, end == point + 1 ? point : end);
  }

  private static ByteString withoutLeadingZeros(ByteString cell) {
    int from = 0;
    while (from < cell.size() - 1 && cell.byteAt(from) == 0) {
      from++;
    }
    return cell.substring(from);
  }
}
