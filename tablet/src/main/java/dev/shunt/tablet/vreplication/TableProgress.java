package dev.shunt.tablet.vreplication;

import io.vitess.proto.Query;
import java.util.List;

/**
 * How far the copy of a table has come.
 *
 * @param table the target table
 * @param parts what it is copied in; one when it is not cut
 */
record TableProgress(String table, List<CopyPart> parts) {
  TableProgress {
    parts = List.copyOf(parts);
  }

  /** Whether rows of it are copied, so that changes of it are wanted. */
  boolean begun() {
    return parts.stream().anyMatch(CopyPart::begun);
  }

  /** Whether it is copied in several parts. */
  boolean isCut() {
    return parts.getFirst().number() != CopyPart.WHOLE;
  }

  /**
   * Whether the bounds of its parts are of a key: one that orders its values as the one that it was
   * cut by. BINARY fills values up with zero bytes, so that another length moves all rows beyond
   * their bounds.
   */
  boolean isCutBy(List<Query.Field> key) {
    List<Query.Field> before = keyFields();
    boolean same = CopyBasis.ofKey(key).equals(CopyBasis.ofKey(before));
    for (int i = 0; same && i < key.size(); i++) {
      same =
          key.get(i).getType() != Query.Type.BINARY
              || key.get(i).getColumnLength() == before.get(i).getColumnLength();
    }
    return same;
  }

  /** The source's key; none before anything is known of the table. */
  List<Query.Field> keyFields() {
    return parts.stream()
        .map(part -> part.last().getFieldsList())
        .filter(fields -> !fields.isEmpty())
        .findFirst()
        .orElse(List.of());
  }

  /**
   * Makes sure that a row's fields have the key as it was when the copy began: what is copied is
   * told by its order.
   *
   * @throws dev.shunt.tablet.TabletException FAILED_PRECONDITION when it was changed
   */
  void demandStill(List<Query.Field> fields) {
    for (Query.Field before : keyFields()) {
      fields.stream()
          .filter(field ->
              field.getName().equalsIgnoreCase(before.getName())
                  || field.getOrgName().equalsIgnoreCase(before.getName()))
          .findFirst()
          .ifPresent(now ->
              CopyBasis.demandStill(
                  table, before, now.toBuilder().setName(before.getName()).build()));
    }
  }

  /** The parts that are still to be copied. */
  List<CopyPart> unfinished() {
    return parts.stream().filter(part -> !part.done()).toList();
  }
}
