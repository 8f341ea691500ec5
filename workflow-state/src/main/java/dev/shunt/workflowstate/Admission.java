package dev.shunt.workflowstate;

import dev.shunt.schemas.CommandHeader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What admission keeps of one workflow beside its state.
 *
 * @param awaiting id of the command whose admission is on the log but not folded yet; empty when
 *     there is none. While there is one the state is not the newest, so nothing else is decided.
 * @param queue commands that wait, as they came, in the order of their log
 */
record Admission(String awaiting, List<Queued> queue) {
  static final Admission NONE = new Admission("", List.of());

  private static final byte FORMAT = 1;

  Admission {
    queue = List.copyOf(queue);
  }

  /**
   * A command that waits.
   *
   * @param commandId its id, see {@link CommandHeader}
   * @param traceparent its trace context; empty when it came without one
   * @param value its record, as it came
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Queued(String commandId, String traceparent, byte[] value) {}

  boolean isAwaiting() {
    return !awaiting.isEmpty();
  }

  Admission awaiting(String commandId) {
    return new Admission(commandId, queue);
  }

  Admission withQueue(List<Queued> other) {
    return new Admission(awaiting, other);
  }

  /** For the store; null when there is nothing to keep. */
  byte @Nullable [] toBytes() {
    if (awaiting.isEmpty() && queue.isEmpty()) {
      return null;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeUTF(awaiting);
      out.writeInt(queue.size());
      for (Queued queued : queue) {
        out.writeUTF(queued.commandId());
        out.writeUTF(queued.traceparent());
        out.writeInt(queued.value().length);
        out.write(queued.value());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** From the store. IllegalStateException when another version wrote it. */
  static Admission of(byte @Nullable [] bytes) {
    if (bytes == null) {
      return NONE;
    }
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int format = in.readByte();
      if (format != FORMAT) {
        throw new IllegalStateException("unknown format of the admission store: " + format);
      }
      String awaiting = in.readUTF();
      int size = in.readInt();
      List<Queued> queue = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        String id = in.readUTF();
        String traceparent = in.readUTF();
        byte[] value = new byte[in.readInt()];
        in.readFully(value);
        queue.add(new Queued(id, traceparent, value));
      }
      return new Admission(awaiting, queue);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
