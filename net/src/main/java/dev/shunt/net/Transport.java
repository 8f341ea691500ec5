package dev.shunt.net;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * How gRPC servers and channels and HTTP servers are secured: not at all, everybody is let in and
 * all goes in the clear. TLS and the question who calls belong here and nowhere else; every server
 * and channel begins here.
 */
final class Transport {
  private static final ServerCredentials SERVER = InsecureServerCredentials.create();
  private static final ChannelCredentials CHANNEL = InsecureChannelCredentials.create();

  private Transport() {}

  static NettyServerBuilder server(InetSocketAddress address) {
    return NettyServerBuilder.forAddress(address, SERVER);
  }

  static NettyChannelBuilder channel(String target) {
    return NettyChannelBuilder.forTarget(target, CHANNEL);
  }

  static NettyChannelBuilder channel(String host, int port) {
    return NettyChannelBuilder.forAddress(host, port, CHANNEL);
  }

  /** Listens at once; serves nothing yet. */
  static HttpServer http(InetSocketAddress address) throws IOException {
    return HttpServer.create(address, 0);
  }

  /** Every path of an HTTP server is added by this. */
  static void serve(HttpServer server, String path, HttpHandler handler) {
    server.createContext(path, handler);
  }
}
