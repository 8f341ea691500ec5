package dev.shunt.tablet.vreplication.stream;

import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.workflow.sql.SqlParser;
import io.vitess.proto.Topodata;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * What the parts of one stream share.
 *
 * @param id the stream
 * @param tablet the tablet it is on
 * @param table reads and writes its rows
 * @param board keeps what was committed, and notifies of it
 * @param parser reads filters
 * @param clients gives a client of a source tablet
 * @param endRequested whether the controller was asked to end
 * @param onRead called whenever changes, or signs of life, have come from the log of the source
 * @param throttle makes the stream wait while the target is too busy
 * @param tuning what can be changed while it goes on
 */
public record StreamContext(
    int id,
    TabletIdentity tablet,
    StreamTable table,
    StreamBoard board,
    SqlParser parser,
    Function<Topodata.Tablet, TabletClient> clients,
    BooleanSupplier endRequested,
    Runnable onRead,
    StreamThrottle throttle,
    Tuning tuning) {}
