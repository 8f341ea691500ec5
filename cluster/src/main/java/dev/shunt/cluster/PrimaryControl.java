package dev.shunt.cluster;

import binlogdata.Binlogdata.Journal;
import dev.shunt.tabletclient.Fence;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;

/**
 * What commands do to the primary of one shard. Each call blocks; failures are the tablet's, as
 * TabletException. Behind it stand calls to the tablet and SQL, or a fake.
 */
public interface PrimaryControl {
  /** The same as the holder of a lock: the tablet refuses what earlier holders send. */
  PrimaryControl withFence(Fence fence);

  /** The same with a limit for each call. */
  PrimaryControl within(Duration limit);

  /** What is done to the streams of a workflow. */
  StreamControl streams(String workflow);

  /** The streams of all workflows. */
  List<ReadVReplicationWorkflowResponse> workflows();

  /** Changes nothing, but shows the tablet the fence, so that it refuses earlier holders. */
  void showFence();

  /** Makes the tablet read its shard's record; returns when what that denies is in force. */
  void refreshState();

  /**
   * Whether the tablet runs several statements as one transaction; a stock vttablet refuses two for
   * being two.
   */
  boolean runsTransactions();

  /** Where the database is. */
  String position();

  /** Waits for what was begun on tables: a table lock comes after all of it. */
  void drain(Collection<String> tables);

  // --- the decision of a switch --------------------------------------------------------------

  /** The journal of a migration, under its id or under the key beside it. */
  Optional<Journal> journal(long id);

  /** Keys under which journals of a migration stand, of whichever database of the server. */
  List<String> journalKeys(long id);

  /**
   * Writes a journal alone, where the streams are drafted. Fails with MySQL's 1062 when one has the
   * key, of whichever database of the server.
   */
  void writeJournal(long key, Journal journal);

  // --- AUTO_INCREMENT ------------------------------------------------------------------------

  /** The next value of each of these tables that has a counter; waits a second at most. */
  Map<String, BigInteger> nextIds(Collection<String> tables);

  /**
   * Raises the counter of a table, unless somebody uses it or one that refers to it.
   *
   * @return false when somebody does
   */
  boolean raiseNextId(String table, BigInteger next);
}
