package dev.shunt.tablet.vstreamer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata;
import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.vstreamer.binlog.BinlogEvent;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a log says of transactions that were prepared before a stream, as far as it was read. */
class PreparedBeforeTest {
  private static final String SERVER = "3e11fa47-71ca-11e1-9e33-c80aa9429562:";
  private static final BinlogEvent HEARTBEAT = new BinlogEvent.Heartbeat(0);
  private static final List<BinlogEvent> SILENCE = List.of(HEARTBEAT, HEARTBEAT, HEARTBEAT);
  private static final PreparedSearch.Tables NONE = (_, _) -> false;
  private static final String ID = "X'61',X'',1";

  private final Scripted log = new Scripted();
  private final PreparedMemory memory = new PreparedMemory();
  private final Binlogdata.Filter filter = Binlogdata.Filter.getDefaultInstance();

  private static Position at(int transactions) {
    return Flavor.MYSQL.positions().parse(transactions == 0 ? "" : SERVER + "1-" + transactions);
  }

  private static BinlogEvent gtid(int number) {
    return new BinlogEvent.Gtid(0, SERVER + number, false, 0, 0, false);
  }

  private static BinlogEvent statement(String sql) {
    return new BinlogEvent.Statement(0, "d", sql, Optional.<Set<String>>empty());
  }

  /** A transaction that changes a table of the stream, prepared as the log's first. */
  private static List<BinlogEvent> prepared(int more) {
    List<BinlogEvent> events = new ArrayList<>();
    events.add(gtid(1));
    events.add(statement("XA START " + ID));
    events.add(statement("DELETE FROM a"));
    events.add(new BinlogEvent.Prepared(0, ID));
    for (int i = 2; i <= 1 + more; i++) {
      events.add(gtid(i));
      events.add(new BinlogEvent.Commit(0));
    }
    events.add(HEARTBEAT);
    return events;
  }

  private PreparedBefore before(int start) {
    return new PreparedBefore(log, filter, NONE, at(start), memory);
  }

  @Test
  void heartbeatsBeforeAnyTransactionSayNothingOfWhatIsPrepared() {
    PreparedSearch search =
        new PreparedSearch(NONE, at(5), new PreparedMemory.Known(at(2), Map.of(ID, false)));
    SILENCE.forEach(search::take);
    assertThat(search.ended()).isTrue();
    assertThat(search.found()).isEmpty();
  }

  @Test
  void aLogThatGoesUpToThePlaceSaysAll() {
    PreparedSearch search =
        new PreparedSearch(NONE, at(3), new PreparedMemory.Known(at(0), Map.of()));
    prepared(2).forEach(search::take);
    assertThat(search.ended()).isTrue();
    assertThat(search.found()).contains(Map.of(ID, true));
  }

  @Test
  void isReadFromTheLogsBeginningWhereTheShorterWayWasBrokenOff() throws InterruptedException {
    memory.keep("server", filter, new PreparedMemory.Known(at(1), Map.of(ID, false)));
    log.script(1, SILENCE);
    log.script(0, prepared(4));

    assertThat(before(5).mayTouchStream(ID, () -> {})).isTrue();
    assertThat(memory.before("server", filter, at(5)).orElseThrow().prepared())
        .isEqualTo(Map.of(ID, true));
  }

  @Test
  void isNotAnsweredFromALogThatWasNotReadUpToTheBeginning() throws InterruptedException {
    log.script(0, SILENCE);
    PreparedBefore before = before(5);
    assertThatThrownBy(() -> before.mayTouchStream(ID, () -> {}))
        .isInstanceOfSatisfying(
            RpcException.class, e -> assertThat(e.code()).isEqualTo(Status.Code.UNAVAILABLE))
        .hasMessageContaining("to be searched again");
    assertThat(memory.before("server", filter, at(5))).isEmpty();

    log.script(0, prepared(4));
    assertThat(before.mayTouchStream(ID, () -> {})).isTrue();
  }

  /** Has the same events each time that it is read from a place. */
  private static final class Scripted implements SearchedLog {
    private final Map<String, List<BinlogEvent>> scripts = new HashMap<>();

    void script(int after, List<BinlogEvent> events) {
      scripts.put(at(after).text(), events);
    }

    @Override
    public Beginning beginning() {
      return new Beginning("server", at(0));
    }

    @Override
    public Events from(Position position) {
      Iterator<BinlogEvent> events =
          Objects.requireNonNull(scripts.get(position.text())).iterator();
      return new Events() {
        @Override
        public Iterator<BinlogEvent> next() {
          return Collections.singleton(events.next()).iterator();
        }

        @Override
        public void close() {}
      };
    }
  }
}
