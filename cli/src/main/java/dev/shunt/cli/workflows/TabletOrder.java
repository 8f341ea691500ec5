package dev.shunt.cli.workflows;

import dev.shunt.cli.render.TabletLine;
import java.util.Comparator;
import vtctldata.Vtctldata;

/** Puts the tablets of an answer in order. */
final class TabletOrder {
  private TabletOrder() {}

  static Vtctldata.WorkflowDeleteResponse sorted(Vtctldata.WorkflowDeleteResponse answer) {
    return answer.toBuilder()
        .clearDetails()
        .addAllDetails(
            answer.getDetailsList().stream()
                .sorted(Comparator.comparing(detail -> TabletLine.alias(detail.getTablet())))
                .toList())
        .build();
  }

  static Vtctldata.WorkflowUpdateResponse sorted(Vtctldata.WorkflowUpdateResponse answer) {
    return answer.toBuilder()
        .clearDetails()
        .addAllDetails(
            answer.getDetailsList().stream()
                .sorted(Comparator.comparing(detail -> TabletLine.alias(detail.getTablet())))
                .toList())
        .build();
  }
}
