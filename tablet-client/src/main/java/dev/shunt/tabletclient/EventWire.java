package dev.shunt.tabletclient;

import binlogdata.Binlogdata.RowChange;
import binlogdata.Binlogdata.RowEvent;
import binlogdata.Binlogdata.VEvent;
import binlogdata.Binlogdata.VStreamResponse;
import com.google.protobuf.WireFormat;
import io.vitess.proto.Query;

/**
 * The tags of what a stream of changes consists of; see binlogdata.proto and query.proto of Vitess.
 */
final class EventWire {
  static final int EVENT = message(VStreamResponse.EVENTS_FIELD_NUMBER);
  static final int TYPE = number(VEvent.TYPE_FIELD_NUMBER);
  static final int TIMESTAMP = number(VEvent.TIMESTAMP_FIELD_NUMBER);
  static final int GTID = message(VEvent.GTID_FIELD_NUMBER);
  static final int ROW_EVENT = message(VEvent.ROW_EVENT_FIELD_NUMBER);
  static final int CURRENT_TIME = number(VEvent.CURRENT_TIME_FIELD_NUMBER);
  static final int KEYSPACE = message(VEvent.KEYSPACE_FIELD_NUMBER);
  static final int SHARD = message(VEvent.SHARD_FIELD_NUMBER);
  static final int TABLE = message(RowEvent.TABLE_NAME_FIELD_NUMBER);
  static final int CHANGE = message(RowEvent.ROW_CHANGES_FIELD_NUMBER);
  static final int ROW_KEYSPACE = message(RowEvent.KEYSPACE_FIELD_NUMBER);
  static final int ROW_SHARD = message(RowEvent.SHARD_FIELD_NUMBER);
  static final int FLAGS = number(RowEvent.FLAGS_FIELD_NUMBER);
  static final int BEFORE = message(RowChange.BEFORE_FIELD_NUMBER);
  static final int AFTER = message(RowChange.AFTER_FIELD_NUMBER);
  static final int DATA_COLUMNS = message(RowChange.DATA_COLUMNS_FIELD_NUMBER);
  static final int LENGTHS = message(Query.Row.LENGTHS_FIELD_NUMBER);
  static final int ONE_LENGTH = number(Query.Row.LENGTHS_FIELD_NUMBER);
  static final int VALUES = message(Query.Row.VALUES_FIELD_NUMBER);

  private EventWire() {}

  private static int message(int field) {
    return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }

  private static int number(int field) {
    return field << 3 | WireFormat.WIRETYPE_VARINT;
  }
}
