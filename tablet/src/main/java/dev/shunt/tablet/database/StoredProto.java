package dev.shunt.tablet.database;

import com.google.protobuf.Message;
import dev.shunt.tablet.RpcException;
import dev.shunt.workflow.streams.TextProto;
import io.grpc.Status;

/** Protobufs in their text form out of the sidecar tables. */
public final class StoredProto {
  private StoredProto() {}

  /**
   * Reads what stands in a row.
   *
   * @throws RpcException INTERNAL when it is something else
   */
  public static <M extends Message> M parse(String text, M type) {
    try {
      return TextProto.parse(text, type);
    } catch (IllegalArgumentException e) {
      throw new RpcException(
          Status.Code.INTERNAL, "what is stored can't be read: " + e.getMessage(), e);
    }
  }
}
