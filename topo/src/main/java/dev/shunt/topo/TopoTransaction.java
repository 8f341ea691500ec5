package dev.shunt.topo;

import io.vitess.proto.Topodata;
import java.util.function.UnaryOperator;
import vschema.Vschema;

/** Changes to global records that take place together or not at all. May be run several times. */
public interface TopoTransaction {
  /** Changes a shard; NO_NODE when it is not there. */
  void shard(String keyspace, String shard, UnaryOperator<Topodata.Shard> change);

  /** Changes the table routing rules. */
  void routingRules(UnaryOperator<Vschema.RoutingRules> change);

  /** Changes the shard routing rules. */
  void shardRoutingRules(UnaryOperator<Vschema.ShardRoutingRules> change);

  /** Changes a keyspace's VSchema. */
  void vschema(String keyspace, UnaryOperator<Vschema.Keyspace> change);
}
