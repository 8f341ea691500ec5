package dev.shunt.tablet.vreplication.stream;

import dev.shunt.tablet.RpcException;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How far the copy of a table has come.
 *
 * @param table the target table
 * @param parts what it is copied in; one when it is not cut
 */
public record TableProgress(String table, List<CopyPart> parts) {
  public TableProgress {
    parts = List.copyOf(parts);
  }

  /** Whether rows of it are copied, so that changes of it are wanted. */
  public boolean begun() {
    return parts.stream().anyMatch(CopyPart::begun);
  }

  /** Whether it is copied in several parts. */
  public boolean isCut() {
    return parts.getFirst().number() != CopyPart.WHOLE;
  }

  /** Whether the bounds of its parts are of this key, and its values in the same order as then. */
  public boolean isCutBy(List<Query.Field> key) {
    return CopyBasis.ofKey(key).equals(CopyBasis.ofKey(keyFields()))
        && refilled(key).isEmpty()
        && keys()
            .allMatch(before ->
                places(before, key).noneMatch(i -> KeyFraction.differs(before.get(i), key.get(i))));
  }

  /**
   * Makes sure that the bounds of its parts are of this key.
   *
   * @throws RpcException FAILED_PRECONDITION when it is another one
   */
  public void demandCutBy(List<Query.Field> key) {
    CopyBasis.ofKey(keyFields()).demandStill(table, CopyBasis.ofKey(key));
    refilled(key)
        .ifPresent(column -> {
          throw new RpcException(
              Status.Code.FAILED_PRECONDITION,
              ("the copy of table %s can't go on: it is copied in parts by its source's key, whose"
                      + " column %s had another length when it began; put it back and start the"
                      + " stream, or empty the table and create the stream again")
                  .formatted(table, column));
        });
    demandSameValues(key);
  }

  /**
   * Makes sure that the key's columns have the values they had: they say what is copied.
   *
   * @throws RpcException FAILED_PRECONDITION when they were rounded
   */
  public void demandSameValues(List<Query.Field> key) {
    keys()
        .forEach(before ->
            places(before, key)
                .forEach(i -> KeyFraction.demandSame(table, before.get(i), key.get(i))));
  }

  /** A BINARY column of another length: it fills values up, so that all are beyond their bounds. */
  private Optional<String> refilled(List<Query.Field> key) {
    List<Query.Field> before = keyFields();
    return places(before, key)
        .filter(i ->
            key.get(i).getType() == Query.Type.BINARY
                && otherLength(before.get(i).getColumnLength(), key.get(i).getColumnLength()))
        .mapToObj(i -> key.get(i).getName())
        .findFirst();
  }

  /** A stock vttablet names none. */
  private static boolean otherLength(int before, int now) {
    return before != 0 && now != 0 && before != now;
  }

  private static IntStream places(List<Query.Field> before, List<Query.Field> key) {
    return IntStream.range(0, Math.min(before.size(), key.size()));
  }

  /** The source's key; none before anything is known of the table. */
  public List<Query.Field> keyFields() {
    return keys().findFirst().orElse(List.of());
  }

  /** The source's key as it was for each part; not all sources say as much of it. */
  private Stream<List<Query.Field>> keys() {
    return parts.stream()
        .map(part -> part.last().getFieldsList())
        .filter(fields -> !fields.isEmpty());
  }

  /**
   * Makes sure that a row's fields have the key as it was when the copy began: what is copied is
   * known by its order.
   *
   * @throws RpcException FAILED_PRECONDITION when it was changed
   */
  public void demandStill(List<Query.Field> fields) {
    for (Query.Field before : keyFields()) {
      now(fields, before).ifPresent(now -> CopyBasis.demandStill(table, before, now));
    }
    keys()
        .distinct()
        .flatMap(List::stream)
        .forEach(before ->
            now(fields, before).ifPresent(now -> KeyFraction.demandSame(table, before, now)));
  }

  private static Optional<Query.Field> now(List<Query.Field> fields, Query.Field before) {
    return fields.stream()
        .filter(field ->
            field.getName().equalsIgnoreCase(before.getName())
                || field.getOrgName().equalsIgnoreCase(before.getName()))
        .findFirst()
        .map(field -> field.toBuilder().setName(before.getName()).build());
  }

  /** The parts that are still to be copied. */
  public List<CopyPart> unfinished() {
    return parts.stream().filter(part -> !part.done()).toList();
  }
}
