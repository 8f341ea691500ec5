package dev.shunt.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What carries out commands runs as it is under a time that is not the machine's, and on a
 * scheduler that lets one virtual thread at a time run: it reads and waits through {@code
 * dev.shunt.time.Time} alone, and holds its own against a contended monitor, a platform thread and
 * chance. The reasons stand in decision 21.
 */
class TimePortTest {
  /** Modules that a simulation runs, by the last part of their package names. */
  private static final Set<String> MODULES =
      Set.of("saga", "switcher", "copy", "vdiff", "cluster", "topo", "workflowstate");

  /** Makes and drives connections on gRPC's own threads and timers; no simulation has sockets. */
  private static final String CONNECTION = "dev.shunt.topo.EtcdConnection";

  /** Drives a consumer of Kafka, as the thread of the group's member. */
  private static final String CONSUMER = "dev.shunt.saga.TaskRunner";

  /** As {@link #CONSUMER}. */
  private static final String GATHERER = "dev.shunt.workflowstate.ReportGatherer";

  /**
   * Names the life of a store: nobody else may come upon that name, and nothing else hangs on it.
   */
  private static final String EPOCHS = "dev.shunt.topo.Lives";

  /** Names a Kafka Streams application that no other may have. */
  private static final String REPLAY = "dev.shunt.workflowstate.WorkflowReplay";

  /** Names a producer whose transactions no other may end. */
  private static final String REPORTS = "dev.shunt.workflowstate.GathererClients";

  private static final JavaClasses ALL = Project.MAIN.that(areOf(MODULES));

  // --- time ----------------------------------------------------------------------------------

  private static boolean readsAClock(AccessTarget target) {
    JavaClass owner = target.getOwner();
    String name = target.getName();
    return switch (owner.getName()) {
      case "java.lang.System" -> name.equals("nanoTime") || name.equals("currentTimeMillis");
      case "java.time.Clock" -> name.startsWith("system") || name.startsWith("tick");
      case "java.time.InstantSource" -> name.equals("system");
      case "java.util.Date", "java.util.GregorianCalendar" ->
          name.equals("<init>") && parameters(target).isEmpty();
      case "java.util.Calendar" -> name.equals("getInstance");
      default -> owner.getPackageName().equals("java.time") && name.equals("now");
    };
  }

  /** Whatever takes a limit waits for it by the machine's clock, or has somebody do so. */
  private static boolean waitsByAClock(AccessTarget target) {
    JavaClass owner = target.getOwner();
    String name = target.getName();
    return switch (owner.getName()) {
      case "java.util.concurrent.TimeUnit" -> name.equals("sleep") || name.startsWith("timed");
      case "java.lang.Thread" ->
          name.equals("sleep") || (name.equals("join") && !parameters(target).isEmpty());
      case "java.util.concurrent.locks.LockSupport" ->
          name.equals("parkNanos") || name.equals("parkUntil");
      default ->
          parameters(target).contains(TimeUnit.class.getName())
              || name.equals("awaitNanos")
              || name.equals("awaitUntil")
              || waitsOnAMonitor(target)
              || owner.isAssignableTo("java.util.Timer");
    };
  }

  private static boolean waitsOnAMonitor(AccessTarget target) {
    String name = target.getName();
    return target.getOwner().getName().equals("java.lang.Object")
        && (name.equals("wait") || name.startsWith("notify"));
  }

  /** Behind the port stands the machine's time; who wires a service chooses it. */
  private static boolean takesTheSystemsTime(JavaAccess<?> access) {
    AccessTarget target = access.getTarget();
    String origin = access.getOriginOwner().getSimpleName();
    return target.getOwner().getName().equals("dev.shunt.time.Time")
        && target.getName().equals("system")
        && !origin.endsWith("Service")
        && !Set.of("Topos", "LocalTopoStore", "Cells").contains(origin);
  }

  private static final DescribedPredicate<JavaAccess<?>> TIME =
      describe(
          "time is read or waited for past the port",
          access ->
              readsAClock(access.getTarget())
                  || waitsByAClock(access.getTarget())
                  || takesTheSystemsTime(access));

  @Test
  void timeComesFromThePort() {
    never(TIME, CONNECTION).check(ALL);
  }

  // --- threads -------------------------------------------------------------------------------

  /** Threads that no scheduler of virtual threads schedules. */
  private static boolean startsOtherThreads(AccessTarget target) {
    JavaClass owner = target.getOwner();
    String name = target.getName();
    return switch (owner.getName()) {
      case "java.lang.Thread" -> name.equals("ofPlatform") || name.equals("<init>");
      case "java.util.concurrent.Executors" ->
          name.startsWith("new") && !name.equals("newVirtualThreadPerTaskExecutor");
      case "java.util.concurrent.CompletableFuture" ->
          name.endsWith("Async") && !parameters(target).contains("java.util.concurrent.Executor");
      case "java.util.concurrent.ForkJoinPool" ->
          name.equals("commonPool") || name.equals("<init>");
      default ->
          (name.equals("parallelStream") || name.equals("parallel"))
              && parameters(target).isEmpty();
    };
  }

  private static final DescribedPredicate<JavaAccess<?>> OTHER_THREADS =
      describe(
          "a thread is started that is not virtual",
          access -> startsOtherThreads(access.getTarget()));

  @Test
  void threadsAreVirtual() {
    never(OTHER_THREADS, CONSUMER, GATHERER).check(ALL);
  }

  // --- chance --------------------------------------------------------------------------------

  private static boolean isChance(AccessTarget target) {
    String name = target.getName();
    return switch (target.getOwner().getName()) {
      case "java.util.UUID" -> name.equals("randomUUID");
      case "java.lang.Math" -> name.equals("random");
      case "java.lang.System" -> name.equals("identityHashCode");
      case "java.util.Collections" -> name.equals("shuffle") && parameters(target).size() == 1;
      case "java.util.concurrent.ThreadLocalRandom" -> name.equals("current");
      case "java.util.Random", "java.util.SplittableRandom" ->
          name.equals("<init>") && parameters(target).isEmpty();
      case "java.security.SecureRandom", "java.util.IdentityHashMap" -> name.equals("<init>");
      default -> false;
    };
  }

  private static final DescribedPredicate<JavaAccess<?>> CHANCE =
      describe("chance decides", access -> isChance(access.getTarget()));

  @Test
  void nothingIsLeftToChance() {
    never(CHANCE, EPOCHS, REPLAY, REPORTS).check(ALL);
  }

  // --- monitors ------------------------------------------------------------------------------

  /** The helper thread of the JDK that wakes whoever waits for one has an order of its own. */
  private static final ArchCondition<JavaClass> USE_MONITORS =
      new ArchCondition<>("use monitors: a ReentrantLock does not") {
        @Override
        public void check(JavaClass item, ConditionEvents events) {
          for (String where : monitors(item)) {
            events.add(SimpleConditionEvent.satisfied(item, where));
          }
        }
      };

  private static List<String> monitors(JavaClass of) {
    ClassModel model = Project.parse(of);
    List<String> found = new ArrayList<>();
    for (MethodModel method : model.methods()) {
      boolean synchronizes = method.flags().has(AccessFlag.SYNCHRONIZED);
      boolean enters =
          method.code().stream()
              .flatMap(code -> code.elementStream())
              .anyMatch(MonitorInstruction.class::isInstance);
      if (synchronizes || enters) {
        found.add("%s.%s is synchronized".formatted(of.getName(), method.methodName()));
      }
    }
    return found;
  }

  private static final DescribedPredicate<JavaAccess<?>> SYNCHRONIZED_COLLECTIONS =
      describe(
          "a collection is synchronized",
          access ->
              access.getTargetOwner().getName().equals("java.util.Collections")
                  && access.getTarget().getName().startsWith("synchronized"));

  @Test
  void locksAreNoMonitors() {
    noClasses().that(areOf(MODULES)).should(USE_MONITORS).check(ALL);
    never(SYNCHRONIZED_COLLECTIONS).check(ALL);
  }

  // --- that the rules see what they are for --------------------------------------------------

  /** One of each kind that is forbidden, in one place each. */
  @SuppressWarnings("unused")
  private static final class Culprit {
    private final Object monitor = new Object();

    long clock() {
      return System.nanoTime();
    }

    java.util.function.Supplier<java.time.Instant> reference() {
      return java.time.Instant::now;
    }

    void sleeps() throws InterruptedException {
      Runnable inLambda =
          () -> {
            try {
              Thread.sleep(1);
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          };
      inLambda.run();
    }

    boolean latch() throws InterruptedException {
      return new CountDownLatch(1).await(1, TimeUnit.SECONDS);
    }

    void thread() {
      Thread unused = Thread.ofPlatform().start(() -> {});
    }

    java.util.UUID chance() {
      return java.util.UUID.randomUUID();
    }

    synchronized void method() {}

    void block() {
      synchronized (monitor) {
        monitor.notifyAll();
      }
    }

    List<String> collection() {
      return java.util.Collections.synchronizedList(new ArrayList<>());
    }
  }

  private static final JavaClasses CULPRIT = new ClassFileImporter().importClasses(Culprit.class);

  @ParameterizedTest
  @ValueSource(strings = {"clock", "reference", "sleeps", "latch", "block"})
  void seesEachKindOfTime(String method) {
    assertThat(foundBy(TIME)).contains(method);
  }

  @Test
  void seesOtherThreadsAndChance() {
    assertThat(foundBy(OTHER_THREADS)).containsExactly("thread");
    assertThat(foundBy(CHANCE)).containsExactly("chance");
    assertThat(foundBy(SYNCHRONIZED_COLLECTIONS)).containsExactly("collection");
  }

  @Test
  void seesMonitorsOfMethodsAndBlocks() {
    assertThat(monitors(CULPRIT.get(Culprit.class)))
        .hasSize(2)
        .anyMatch(where -> where.endsWith("Culprit.method is synchronized"))
        .anyMatch(where -> where.endsWith("Culprit.block is synchronized"));
  }

  @Test
  void seesEachModule() {
    for (String module : MODULES) {
      assertThat(ALL.that(areOf(Set.of(module)))).as(module).isNotEmpty();
    }
  }

  /** What may do it does it: else it need not be allowed to. */
  @Test
  void exceptionsAreNeeded() {
    assertThat(accesses(ALL.get(CONNECTION), TIME)).isNotEmpty();
    assertThat(accesses(ALL.get(CONSUMER), OTHER_THREADS)).isNotEmpty();
    assertThat(accesses(ALL.get(GATHERER), OTHER_THREADS)).isNotEmpty();
    assertThat(accesses(ALL.get(EPOCHS), CHANCE)).isNotEmpty();
    assertThat(accesses(ALL.get(REPLAY), CHANCE)).isNotEmpty();
    assertThat(accesses(ALL.get(REPORTS), CHANCE)).isNotEmpty();
  }

  private static Set<String> foundBy(DescribedPredicate<JavaAccess<?>> what) {
    return Set.copyOf(accesses(CULPRIT.get(Culprit.class), what));
  }

  private static List<String> accesses(JavaClass of, DescribedPredicate<JavaAccess<?>> what) {
    return of.getAccessesFromSelf().stream()
        .filter(what)
        .map(access -> access.getOrigin().getName())
        .toList();
  }

  // -------------------------------------------------------------------------------------------

  private static ArchRule never(DescribedPredicate<JavaAccess<?>> what, String... except) {
    return noClasses().that(areOf(MODULES)).and(areNot(except)).should().accessTargetWhere(what);
  }

  private static DescribedPredicate<JavaClass> areOf(Set<String> modules) {
    return describe(
        "are of " + modules,
        type ->
            modules.stream()
                .anyMatch(module ->
                    (type.getPackageName() + ".").startsWith("dev.shunt." + module + ".")));
  }

  /** Nor one within one of these. */
  private static DescribedPredicate<JavaClass> areNot(String... names) {
    return describe(
        "are not " + String.join(", ", names),
        type ->
            Arrays.stream(names)
                .noneMatch(
                    name -> type.getName().equals(name) || type.getName().startsWith(name + "$")));
  }

  private static List<String> parameters(AccessTarget target) {
    return target instanceof AccessTarget.CodeUnitAccessTarget unit
        ? unit.getRawParameterTypes().stream().map(JavaClass::getName).toList()
        : List.of();
  }
}
