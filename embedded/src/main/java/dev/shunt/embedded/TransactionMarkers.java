package dev.shunt.embedded;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.TransactionResult;
import org.apache.kafka.common.requests.WriteTxnMarkersRequest;
import org.apache.kafka.common.requests.WriteTxnMarkersResponse;

/** Writes the end of a transaction where its coordinator did not; Kafka's tools only abort. */
final class TransactionMarkers {
  private static final int WAIT_MILLIS = 30_000;

  private TransactionMarkers() {}

  /**
   * Ends a transaction on its partition.
   *
   * @param port of the broker on 127.0.0.1
   * @return false when it has ended meanwhile
   * @throws EmbeddedServerException when the broker does not take it
   */
  static boolean write(int port, OpenTransaction open, TransactionResult result) {
    WriteTxnMarkersRequest request =
        new WriteTxnMarkersRequest.Builder(
                List.of(
                    new WriteTxnMarkersRequest.TxnMarkerEntry(
                        open.producerId(),
                        open.producerEpoch(),
                        open.coordinatorEpoch(),
                        result,
                        List.of(open.partition()),
                        (short) 0))) // as the tools: the marker bears the epoch of the records
            .build(ApiKeys.WRITE_TXN_MARKERS.latestVersion());
    RequestHeader header =
        new RequestHeader(ApiKeys.WRITE_TXN_MARKERS, request.version(), "shunt-embedded", 1);
    Errors error;
    try {
      AbstractResponse response =
          AbstractResponse.parseResponse(call(port, request.serializeWithHeader(header)), header);
      Map<TopicPartition, Errors> errors =
          ((WriteTxnMarkersResponse) response).errorsByProducerId().get(open.producerId());
      error =
          errors == null
              ? Errors.UNKNOWN_SERVER_ERROR
              : errors.getOrDefault(open.partition(), Errors.UNKNOWN_SERVER_ERROR);
    } catch (IOException e) {
      throw new EmbeddedServerException("can't end the transaction that hangs at " + open, e);
    }
    if (error == Errors.INVALID_PRODUCER_EPOCH) {
      return false;
    }
    if (error != Errors.NONE) {
      throw new EmbeddedServerException(
          "Kafka does not let the transaction end that hangs at %s: %s"
              .formatted(open, error.message()));
    }
    return true;
  }

  /** Sends one request and returns the answer, without their lengths. */
  static ByteBuffer call(int port, ByteBuffer request) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), WAIT_MILLIS);
      socket.setSoTimeout(WAIT_MILLIS);
      byte[] bytes = new byte[request.remaining()];
      request.get(bytes);
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      out.writeInt(bytes.length);
      out.write(bytes);
      out.flush();
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] answer = new byte[in.readInt()];
      in.readFully(answer);
      return ByteBuffer.wrap(answer);
    }
  }
}
