package dev.shunt.topo;

import dev.shunt.time.Time;
import io.vitess.proto.Topodata.SrvKeyspace;
import io.vitess.proto.Topodata.Tablet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import vschema.Vschema.SrvVSchema;

/**
 * Asks cells beside each other, so that one whose topology can't be reached holds up only what is
 * there. One that did not answer is asked all the same, but waited for only a moment, until it has
 * answered again. It is logged once when a cell stops answering and once when it answers again.
 */
public final class Cells {
  private static final Logger log = LoggerFactory.getLogger(Cells.class);

  /** How long one of several cells is waited for. */
  private static final Duration LIMIT = Duration.ofSeconds(5);

  /** How long one is waited for that is known not to answer. */
  private static final Duration MOMENT = Duration.ofMillis(250);

  private final Topo topo;
  private final Duration limit;
  private final Duration moment;
  private final Time time;
  private final Set<String> silent = ConcurrentHashMap.newKeySet();

  /** Asks through this topology, waiting five seconds for one of several cells. */
  public Cells(Topo topo) {
    this(topo, Time.system());
  }

  /** As {@link #Cells(Topo)}, with another time than this machine's. */
  public Cells(Topo topo, Time time) {
    this(topo, LIMIT, time);
  }

  /** As {@link #Cells(Topo, Time)}, with another limit. */
  public Cells(Topo topo, Duration limit, Time time) {
    this.topo = topo;
    this.time = time;
    this.limit = limit;
    this.moment = limit.compareTo(MOMENT) < 0 ? limit : MOMENT;
  }

  /**
   * What cells answered.
   *
   * @param of the answers, by cell
   * @param silent why the other cells gave none, by cell
   */
  public record Answers<T>(SortedMap<String, T> of, SortedMap<String, RuntimeException> silent) {
    /** The answers, with this one for cells that gave none. */
    public SortedMap<String, T> orElse(T instead) {
      SortedMap<String, T> all = new TreeMap<>(of);
      silent.keySet().forEach(cell -> all.put(cell, instead));
      return all;
    }

    /**
     * These answers.
     *
     * @throws RuntimeException the first failure, when cells were asked and none answered
     */
    public Answers<T> requireAny() {
      if (of.isEmpty()) {
        requireAll();
      }
      return this;
    }

    /**
     * These answers.
     *
     * @throws RuntimeException the first failure, when a cell did not answer
     */
    public Answers<T> requireAll() {
      if (!silent.isEmpty()) {
        List<RuntimeException> failures = List.copyOf(silent.values());
        RuntimeException first = failures.getFirst();
        failures.stream().filter(e -> e != first).forEach(first::addSuppressed);
        throw first;
      }
      return this;
    }
  }

  /**
   * Asks each of some cells the same; all are asked at once, and of several none is waited for
   * longer than the limit, nor longer than a moment where it did not answer before.
   */
  public <T> Answers<T> ask(Collection<String> cells, Function<String, T> question) {
    Set<String> requested = new TreeSet<>(cells);
    Map<String, T> answers = new ConcurrentHashMap<>();
    Map<String, RuntimeException> failures = new ConcurrentHashMap<>();
    if (requested.size() == 1) {
      attempt(requested.iterator().next(), question, answers, failures);
    } else {
      Map<String, CompletableFuture<Boolean>> done = new TreeMap<>();
      Set<String> before = Set.copyOf(silent);
      for (String cell : requested) {
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        done.put(cell, ended);
        Thread unused =
            Thread.ofVirtual()
                .name("cell-" + cell)
                .start(() -> {
                  try {
                    attempt(cell, question, answers, failures);
                  } finally {
                    ended.complete(true);
                  }
                });
      }
      long start = time.nanoTime();
      done.forEach((cell, ended) -> await(ended, start, before.contains(cell) ? moment : limit));
    }
    SortedMap<String, T> found = new TreeMap<>(answers);
    SortedMap<String, RuntimeException> missing = new TreeMap<>();
    for (String cell : requested) {
      if (!found.containsKey(cell)) {
        RuntimeException failure = failures.get(cell);
        missing.put(cell, failure == null ? late(cell) : failure);
      }
    }
    missing.forEach(this::unanswered);
    return new Answers<>(found, missing);
  }

  private void await(CompletableFuture<Boolean> ended, long start, Duration limit) {
    try {
      boolean unused = time.await(ended, limit.minusNanos(time.nanoTime() - start));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TopoException(TopoException.Kind.UNAVAILABLE, "interrupted", e);
    }
  }

  private TopoException late(String cell) {
    return new TopoException(
        TopoException.Kind.UNAVAILABLE,
        silent.contains(cell)
            ? "cell %s did not answer before, and does not within %d ms"
                .formatted(cell, moment.toMillis())
            : "cell %s did not answer within %d ms".formatted(cell, limit.toMillis()));
  }

  private <T> void attempt(
      String cell,
      Function<String, T> question,
      Map<String, T> answers,
      Map<String, RuntimeException> failures) {
    try {
      answers.put(cell, question.apply(cell));
      answered(cell);
    } catch (RuntimeException e) {
      failures.put(cell, e);
    }
  }

  private void unanswered(String cell, RuntimeException why) {
    if (silent.add(cell)) {
      log.atWarn()
          .addKeyValue("cell", cell)
          .addKeyValue("reason", why.getMessage())
          .log("cell does not answer; what is there is left out until it does");
    }
  }

  /** Also late, when nobody waits for it any more: the next question is waited for again. */
  private void answered(String cell) {
    if (silent.remove(cell)) {
      log.atInfo().addKeyValue("cell", cell).log("cell answers again");
    }
  }

  /**
   * The tablets of some cells, or of all when none is given, without those of cells that don't
   * answer. For what can do without a tablet that it does not see; others use {@link
   * Topo#tablets()}.
   *
   * @throws TopoException when none of the cells answers
   */
  public Found tablets(Collection<String> cells) {
    Answers<List<Tablet>> answers =
        ask(cells.isEmpty() ? topo.cells() : cells, topo::tabletsIn).requireAny();
    List<Tablet> tablets = new ArrayList<>();
    answers.of().values().forEach(tablets::addAll);
    return new Found(List.copyOf(tablets), List.copyOf(answers.silent().keySet()));
  }

  /** What each cell serves of all VSchemas and rules; nothing where that was never built. */
  public Answers<SrvVSchema> srvVSchemas() {
    return ask(
        topo.cells(),
        cell ->
            topo.srvVSchema(cell).map(Versioned::value).orElse(SrvVSchema.getDefaultInstance()));
  }

  /** What each cell serves of a keyspace; nothing where that was never built. */
  public Answers<SrvKeyspace> srvKeyspaces(String keyspace) {
    return ask(
        topo.cells(),
        cell ->
            topo.srvKeyspace(cell, keyspace)
                .map(Versioned::value)
                .orElse(SrvKeyspace.getDefaultInstance()));
  }

  /**
   * Tablets of the cells that answered.
   *
   * @param tablets the tablets, sorted by alias
   * @param silent names of the cells that did not answer, sorted
   */
  public record Found(List<Tablet> tablets, List<String> silent) {
    /** Only the tablets of a shard. */
    public Found ofShard(String keyspace, String shard) {
      return new Found(
          tablets.stream()
              .filter(tablet ->
                  tablet.getKeyspace().equals(keyspace) && tablet.getShard().equals(shard))
              .toList(),
          silent);
    }
  }
}
