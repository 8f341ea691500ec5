package dev.shunt.tabletclient;

import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;

/** Knows of one call whether anything of it can have reached the server. */
final class SentFlag extends ClientStreamTracer.Factory {
  private volatile boolean sent;

  /** False as long as no connection was there to send it over. */
  boolean sent() {
    return sent;
  }

  @Override
  public ClientStreamTracer newClientStreamTracer(
      ClientStreamTracer.StreamInfo info, Metadata headers) {
    return new ClientStreamTracer() {
      @Override
      public void streamCreated(Attributes transport, Metadata sentHeaders) {
        sent = true;
      }
    };
  }
}
