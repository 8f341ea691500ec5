package dev.shunt.local;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Row;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Versioned;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a refused command must leave as it was: records of the topology with their versions, tables
 * and rows of every database, streams.
 *
 * @param rules routing rules and shard routing rules
 * @param shards shard records, the denied tables among them
 * @param vschemas VSchemas, and what the cell serves of them
 * @param tables tables of each database with definition and checksum
 * @param streams rows of _vt.vreplication and _vt.copy_state, without what a running stream changes
 * @param journals ids of the journals
 */
record World(
    List<Versioned<?>> rules,
    Map<String, Versioned<?>> shards,
    Map<String, Optional<?>> vschemas,
    Map<String, List<String>> tables,
    Map<String, List<String>> streams,
    Map<String, List<String>> journals) {
  private static final String STREAMS =
      "select id, workflow, hex(source), stop_pos, cell, tablet_types, state, message, db_name,"
          + " workflow_type, workflow_sub_type, tags, options from _vt.vreplication order by id";

  static World of(Bench bench) {
    Topo topo = bench.cluster().topo();
    Layout layout = bench.cluster().layout();
    Map<String, Versioned<?>> shards = new TreeMap<>();
    Map<String, Optional<?>> vschemas = new TreeMap<>();
    for (String keyspace : layout.keyspaces()) {
      topo.shards(keyspace).forEach((shard, record) -> shards.put(keyspace + "/" + shard, record));
      vschemas.put(keyspace, topo.vschema(keyspace));
    }
    vschemas.put("served", topo.srvVSchema(layout.cell()));
    Map<String, List<String>> tables = new TreeMap<>();
    Map<String, List<String>> streams = new TreeMap<>();
    Map<String, List<String>> journals = new TreeMap<>();
    for (Layout.Place place : layout.places()) {
      try (MysqlConnection database = bench.open(place.name())) {
        tables.put(place.name(), tables(database));
        streams.put(place.name(), rows(database, STREAMS));
        journals.put(
            place.name(), rows(database, "select id from _vt.resharding_journal order by id"));
      }
    }
    return new World(
        List.of(topo.routingRules(), topo.shardRoutingRules()),
        shards,
        vschemas,
        tables,
        streams,
        journals);
  }

  private static List<String> tables(MysqlConnection database) {
    List<String> tables = new ArrayList<>();
    for (Row row : database.execute("show full tables where table_type = 'BASE TABLE'").rows()) {
      String table = row.text(0);
      tables.addAll(rows(database, "show create table `" + table + "`"));
      tables.addAll(rows(database, "checksum table `" + table + "`"));
    }
    return tables;
  }

  private static List<String> rows(MysqlConnection database, String sql) {
    List<String> rows = new ArrayList<>();
    for (Row row : database.execute(sql).rows()) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        text.append(row.textOrNull(i)).append('|');
      }
      rows.add(text.toString());
    }
    return rows;
  }
}
