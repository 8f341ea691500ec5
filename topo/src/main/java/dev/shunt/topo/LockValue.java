package dev.shunt.topo;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Values;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What a lock's key says of its holder: JSON with Vitess's fields. */
final class LockValue {
  /** A field of ours beside Vitess's, by which holders of ours are distinguished from others. */
  private static final String PROGRAM = "Program";

  private static final String SHUNT = "shunt";

  private LockValue() {}

  static String of(String action, Instant since) {
    Struct value =
        Struct.newBuilder()
            .putFields("Action", Values.of(action))
            .putFields("HostName", Values.of(hostName()))
            .putFields("UserName", Values.of(System.getProperty("user.name", "")))
            .putFields("Time", Values.of(since.truncatedTo(ChronoUnit.SECONDS).toString()))
            .putFields("Options", Values.of(Struct.getDefaultInstance()))
            .putFields("Status", Values.of("Running"))
            .putFields(PROGRAM, Values.of(SHUNT))
            .build();
    try {
      return JsonFormat.printer().print(value);
    } catch (InvalidProtocolBufferException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }

  /** What a key's value says, whatever wrote it. */
  static LockHolder holder(String path, String key, long token, String json) {
    Struct.Builder value = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(json, value);
    } catch (InvalidProtocolBufferException e) {
      value.clear().putFields("Action", Values.of("an unreadable action"));
    }
    return new LockHolder(
        path,
        key,
        token,
        text(value, "Action"),
        text(value, "HostName"),
        text(value, "UserName"),
        text(value, "Time"),
        text(value, PROGRAM).equals(SHUNT));
  }

  private static String text(Struct.Builder value, String field) {
    String found = value.getFieldsOrDefault(field, Values.of("")).getStringValue();
    return found.isEmpty() ? "unknown" : found;
  }
}
