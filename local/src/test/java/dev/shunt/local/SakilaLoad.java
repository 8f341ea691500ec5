package dev.shunt.local;

import dev.shunt.router.RoutedTransaction;
import dev.shunt.router.RoutingException;
import dev.shunt.router.TrafficRouter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/**
 * Writes to the Sakila sample as an application would: transactions over parents and children,
 * which come, change and go again. What has triggers is not inserted into: a trigger stays behind,
 * so that it would act on one side.
 */
final class SakilaLoad {
  private static final int WRITERS = 3;
  private static final int FILMS = 1000;
  private static final String DEADLOCK = "(errno 1213)";

  private final TrafficRouter router;
  private final Set<String> actors = ConcurrentHashMap.newKeySet();
  private final Queue<String> errors = new ConcurrentLinkedQueue<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean open;

  SakilaLoad(TrafficRouter router) {
    this.router = router;
  }

  /** Names of the actors that were written and not deleted again. */
  Set<String> actors() {
    return new TreeSet<>(actors);
  }

  /** What writes failed with. */
  List<String> errors() {
    return List.copyOf(errors);
  }

  /**
   * Lets the writers begin.
   *
   * @param round makes their names differ from those of other rounds
   */
  void start(String round) {
    open = true;
    for (int i = 0; i < WRITERS; i++) {
      String name = round + i;
      threads.add(Thread.ofVirtual().start(() -> write(name)));
    }
  }

  /** Ends them; on return nothing is under way. */
  void stop() throws InterruptedException {
    open = false;
    for (Thread thread : threads) {
      thread.join();
    }
    threads.clear();
  }

  private void write(String writer) {
    String lastName = "";
    long lastActor = 0;
    try {
      for (int turn = 1; open; turn++) {
        String name = writer + "-" + turn;
        long film = 1 + (turn * 37L) % FILMS;
        boolean deletes = turn % 3 == 0;
        long before = lastActor;
        lastActor =
            repeated(transaction -> {
              if (deletes) {
                delete(transaction, before);
              }
              change(transaction, film);
              return insert(transaction, name, film);
            });
        if (deletes) {
          actors.remove(lastName);
        }
        actors.add(name);
        lastName = name;
      }
    } catch (RoutingException e) {
      errors.add(e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** As an application does it: a transaction that was the victim of a deadlock is made again. */
  private long repeated(Function<RoutedTransaction, Long> work) throws InterruptedException {
    while (true) {
      try {
        return router.transaction("sakila", work);
      } catch (RoutingException e) {
        if (!String.valueOf(e.getMessage()).contains(DEADLOCK)) {
          throw e;
        }
      }
    }
  }

  /** A parent and children of it and of others; returns the id of the actor. */
  private static long insert(RoutedTransaction transaction, String name, long film) {
    long actor =
        transaction
            .execute(
                "insert into actor (first_name, last_name) values ('WRITTEN', :name)",
                Map.of("name", name))
            .getInsertId();
    transaction.execute(
        "insert into film_actor (actor_id, film_id) values (:actor, :film)",
        Map.of("actor", actor, "film", film));
    transaction.execute(
        "insert into inventory (film_id, store_id) values (:film, :store)",
        Map.of("film", film, "store", 1 + film % 2));
    transaction.execute(
        "insert into city (city, country_id) values (:name, :country)",
        Map.of("name", name, "country", 1 + film % 100));
    return actor;
  }

  private static void change(RoutedTransaction transaction, long film) {
    transaction.execute(
        "update rental set return_date = '2026-01-02 03:04:05', customer_id = :customer"
            + " where rental_id = :id",
        Map.of("id", film * 16, "customer", 1 + film % 500));
    transaction.execute(
        "update film set rental_rate = rental_rate + 0.01 where film_id = :id",
        Map.of("id", 1 + film % 50));
    transaction.execute(
        "update customer set address_id = :address where customer_id = :id",
        Map.of("id", 1 + film % 500, "address", 5 + film % 6));
    transaction.execute(
        "update payment set amount = amount + 0.01 where rental_id = :id", Map.of("id", film * 3));
  }

  /** Children first, as the foreign key demands. */
  private static void delete(RoutedTransaction transaction, long actor) {
    transaction.execute("delete from film_actor where actor_id = :actor", Map.of("actor", actor));
    transaction.execute("delete from actor where actor_id = :actor", Map.of("actor", actor));
  }
}
