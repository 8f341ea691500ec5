package dev.shunt.topo;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Values;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What a lock's key says of its holder: JSON with Vitess's fields. */
final class LockValue {
  private LockValue() {}

  static String of(String action) {
    Struct value =
        Struct.newBuilder()
            .putFields("Action", Values.of(action))
            .putFields("HostName", Values.of(hostName()))
            .putFields("UserName", Values.of(System.getProperty("user.name", "")))
            .putFields("Time", Values.of(Instant.now().truncatedTo(ChronoUnit.SECONDS).toString()))
            .putFields("Options", Values.of(Struct.getDefaultInstance()))
            .putFields("Status", Values.of("Running"))
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

  /** One phrase about a holder, whatever wrote the value. */
  static String describe(String json) {
    Struct.Builder value = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(json, value);
    } catch (InvalidProtocolBufferException e) {
      return "an unknown holder (" + e.getMessage() + ")";
    }
    return text(value, "Action")
        + " from "
        + text(value, "HostName")
        + " since "
        + text(value, "Time");
  }

  private static String text(Struct.Builder value, String field) {
    Value found = value.getFieldsOrDefault(field, Values.of("unknown"));
    return found.getStringValue();
  }
}
