package dev.shunt.saga;

import dev.shunt.cluster.WorkflowView;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.lifecycle.KnownDifferences;
import dev.shunt.workflow.plan.SwitchAction;
import io.grpc.Status;
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

  private static final String REMEDY = "Mend that and run a diff that finds nothing";

  /**
   * What is known of the differences of a workflow when a command on it is planned.
   *
   * @param text tables, counts, diffs and times in one sentence; empty when there is nothing to say
   * @param remedy what to do about it, as the beginning of a sentence
   * @param unread why nothing is known, where that is so; the text says so too
   */
  public record Findings(Optional<String> text, String remedy, Optional<FailedException> unread) {
    /** Nothing. */
    public static final Findings NOTHING = new Findings(Optional.empty(), REMEDY, Optional.empty());

    private static Findings of(KnownDifferences differences) {
      return new Findings(differences.text(), differences.remedy(), Optional.empty());
    }

    private static Findings unread(FailedException why) {
      return new Findings(
          Optional.of("it is not known whether a diff found differences: " + why.getMessage()),
          "Send the command again",
          Optional.of(why));
    }
  }

  /**
   * Whether an earlier run of a switch came to the place where it notes what it knows: behind it
   * later runs know the same.
   */
  public static boolean noted(RunHistory history) {
    return history.started(SwitchAction.KNOWN_DIFFERENCES).isPresent()
        || history.started(SwitchAction.TAKE_BACK).isPresent()
        || history.started(SwitchAction.REMEMBER_START).isPresent();
  }

  /**
   * What is known of the tables of the workflow and its reverse. A later run of a command knows
   * what the first one knew.
   */
  public Findings findings(WorkflowView view, Run run) {
    RunHistory history = run.history();
    if (noted(history)) {
      return new Findings(
          history.started(SwitchAction.KNOWN_DIFFERENCES), REMEDY, Optional.empty());
    }
    boolean back = WorkflowNames.isReverse(view.workflow());
    String source = back ? view.keyspace() : view.sourceKeyspace();
    String target = back ? view.sourceKeyspace() : view.keyspace();
    WorkflowKey forward = new WorkflowKey(target, WorkflowNames.forward(view.workflow()));
    WorkflowKey reverse = new WorkflowKey(source, WorkflowNames.reverse(forward.workflow()));
    Map<WorkflowKey, WorkflowStatus> known;
    try {
      known =
          statuses.of(
              Set.of(forward, reverse), awaited -> run.reportOnce(TaskLocks.PLANNING, awaited));
    } catch (FailedException e) {
      if (e.code() != Status.Code.UNAVAILABLE) {
        throw e;
      }
      return Findings.unread(e);
    }
    return Findings.of(KnownDifferences.of(source, target, known.get(forward), known.get(reverse)));
  }

  /**
   * Why a command can't be carried out, if that is set: FAILED_PRECONDITION where source and target
   * may differ, UNAVAILABLE where nobody can say.
   *
   * @param what the command, as in "cannot …"
   * @param wayOut what does it all the same
   */
  public Optional<RuntimeException> refusal(Findings findings, String what, String wayOut) {
    if (!refuses || findings.text().isEmpty()) {
      return Optional.empty();
    }
    String sentence =
        "cannot %s: %s. %s, or %s (refuseAfterDifferences is set)"
            .formatted(what, findings.text().get(), findings.remedy(), wayOut);
    return Optional.of(
        findings.unread().isPresent()
            ? new FailedException(Status.Code.UNAVAILABLE, sentence, findings.unread().get())
            : Refusal.failedPrecondition("%s", sentence).exception());
  }
}
