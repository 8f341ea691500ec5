package dev.shunt.saga;

import dev.shunt.saga.world.WorkflowView;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.lifecycle.KnownDifferences;
import dev.shunt.workflow.routing.Move;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Says, before traffic moves or rows go, that source and target are known to differ.
 *
 * @param statuses what is known of workflows
 * @param refuses whether commands to which it matters are refused
 */
public record DifferenceGuard(Statuses statuses, boolean refuses) {
  /** Knows of nothing. */
  public static final DifferenceGuard NONE = new DifferenceGuard(keys -> Map.of(), false);

  /** The step that keeps what was known when a command began, as events name it. */
  static final String STEP = "known differences";

  /**
   * What is known of the tables of the workflow and its reverse: a sentence with tables, counts,
   * diffs and times. A later run of a command knows what the first one knew.
   */
  public Optional<String> known(WorkflowView view, Run run) {
    Optional<String> before = run.history().started(STEP);
    if (before.isPresent() || run.history().begun()) {
      return before;
    }
    Move move = view.forwardMove();
    WorkflowKey forward = new WorkflowKey(move.target(), WorkflowNames.forward(view.workflow()));
    WorkflowKey reverse = new WorkflowKey(move.source(), WorkflowNames.reverse(forward.workflow()));
    Map<WorkflowKey, WorkflowStatus> known = statuses.of(Set.of(forward, reverse));
    return KnownDifferences.of(move.source(), move.target(), known.get(forward), known.get(reverse))
        .text();
  }

  /** Puts on the log what is known; none when nothing is. */
  public static List<Step> steps(Optional<String> known) {
    return known.map(text -> Step.of(STEP, text, run -> "")).stream().toList();
  }

  /**
   * Refuses a command that has not begun, if that is set.
   *
   * @param what the command, as in "cannot …"
   * @param wayOut what does it all the same
   * @throws RefusedException FAILED_PRECONDITION
   */
  public void require(Optional<String> known, Run run, String what, String wayOut) {
    if (refuses && known.isPresent() && !run.history().begun()) {
      throw Refusal.failedPrecondition(
              "cannot %s: %s. Mend that and run a diff that finds nothing, or %s"
                  + " (refuseAfterDifferences is set)",
              what, known.get(), wayOut)
          .exception();
    }
  }
}
