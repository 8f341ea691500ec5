package dev.shunt.tablet;

import dev.shunt.topo.Aliases;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import dev.shunt.topo.Versioned;
import io.vitess.proto.Topodata;
import io.vitess.proto.Topodata.TabletType;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import vttime.Vttime;

/**
 * As what a tablet starts. Who is a shard's primary its record says, as in Vitess; a configuration
 * decides it only while the record names nobody, or a tablet that is not there any more.
 *
 * @param type its type
 * @param since since when it is primary, if it is
 */
record FirstRole(TabletType type, Instant since) {
  private static final Logger log = LoggerFactory.getLogger(FirstRole.class);

  /**
   * Decides it.
   *
   * @param now from before the topology is read: a term that begins while it is decided is later,
   *     and stands
   */
  static FirstRole of(Topo topo, TabletIdentity identity, TabletType configured, Instant now) {
    Topodata.Shard shard =
        topo.shard(identity.keyspace(), identity.shard())
            .map(Versioned::value)
            .orElse(Topodata.Shard.getDefaultInstance());
    if (shard.hasPrimaryAlias() && shard.getPrimaryAlias().equals(identity.alias())) {
      return named(topo, identity, configured, term(shard).orElse(now));
    }
    if (configured != TabletType.PRIMARY || !shard.hasPrimaryAlias()) {
      return new FirstRole(configured, now);
    }
    return besides(topo, identity, shard, now);
  }

  /** A restart does not begin a new term, nor does it end the one of a tablet that was promoted. */
  private static FirstRole named(
      Topo topo, TabletIdentity identity, TabletType configured, Instant since) {
    if (configured == TabletType.PRIMARY) {
      return new FirstRole(configured, since);
    }
    boolean promoted =
        topo.tablet(identity.alias())
            .filter(record -> record.value().getType() == TabletType.PRIMARY)
            .isPresent();
    if (promoted) {
      log.atInfo()
          .addKeyValue("tablet", identity.aliasText())
          .addKeyValue("configured", configured)
          .addKeyValue("since", since)
          .log("the tablet is its shard's primary and starts as that");
    }
    return new FirstRole(promoted ? TabletType.PRIMARY : configured, since);
  }

  private static FirstRole besides(
      Topo topo, TabletIdentity identity, Topodata.Shard shard, Instant now) {
    String primary = Aliases.text(shard.getPrimaryAlias());
    if (!mayExist(topo, identity, shard.getPrimaryAlias())) {
      log.atWarn()
          .addKeyValue("tablet", identity.aliasText())
          .addKeyValue("primary", primary)
          .log(
              "the primary that the shard's record names has no record any more; this tablet takes"
                  + " its place");
      return new FirstRole(TabletType.PRIMARY, now);
    }
    log.atWarn()
        .addKeyValue("tablet", identity.aliasText())
        .addKeyValue("keyspace", identity.keyspace())
        .addKeyValue("shard", identity.shard())
        .addKeyValue("primary", primary)
        .addKeyValue("since", term(shard).map(Instant::toString).orElse("unknown"))
        .log(
            "configured as primary, but the shard's record names another one: the tablet starts as"
                + " a replica and takes no writes. If it is to be the primary again, see that its"
                + " database has all rows of the other's, then have its type changed to primary; if the"
                + " other tablet is gone for good, remove its record and start this one again");
    return new FirstRole(TabletType.REPLICA, now);
  }

  /** Also where that is not known. */
  private static boolean mayExist(
      Topo topo, TabletIdentity identity, Topodata.TabletAlias primary) {
    try {
      return topo.tablet(primary)
          .map(Versioned::value)
          .filter(record ->
              record.getKeyspace().equals(identity.keyspace())
                  && record.getShard().equals(identity.shard()))
          .isPresent();
    } catch (TopoException e) {
      log.atWarn()
          .addKeyValue("tablet", identity.aliasText())
          .addKeyValue("primary", Aliases.text(primary))
          .addKeyValue("reason", e.getMessage())
          .log("can't read the record of the shard's primary, which is taken to be there");
      return true;
    }
  }

  private static Optional<Instant> term(Topodata.Shard shard) {
    return shard.hasPrimaryTermStartTime()
        ? Optional.of(instant(shard.getPrimaryTermStartTime()))
        : Optional.empty();
  }

  /** A time of a record. */
  static Instant instant(Vttime.Time time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanoseconds());
  }
}
