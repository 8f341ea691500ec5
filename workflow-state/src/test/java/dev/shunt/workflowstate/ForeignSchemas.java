package dev.shunt.workflowstate;

import com.sun.net.httpserver.HttpServer;
import dev.shunt.schemas.registry.HttpRegistryClient;
import dev.shunt.schemas.registry.SchemaRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.avro.Schema;

/**
 * A registry that others use as well: beside the schemas of Shunt it has some that are not Avro's,
 * and it answers for those over HTTP as Confluent's does.
 */
final class ForeignSchemas implements SchemaRegistry, AutoCloseable {
  static final int PROTOBUF = 900_001;
  static final int INVALID_DEFAULT = 900_002;

  private static final Map<String, String> ANSWERS =
      Map.of(
          "/schemas/ids/" + PROTOBUF,
          """
          {"schemaType":"PROTOBUF","schema":"syntax = \\"proto3\\";"}\
          """,
          "/schemas/ids/" + INVALID_DEFAULT,
          """
          {"schema":"{\\"type\\":\\"record\\",\\"name\\":\\"R\\",\\"fields\\":[\
          {\\"name\\":\\"a\\",\\"type\\":\\"int\\",\\"default\\":\\"none\\"}]}"}\
          """);

  private final SchemaRegistry ours;
  private final HttpServer server;
  private final HttpRegistryClient client;

  ForeignSchemas(SchemaRegistry ours) {
    this.ours = ours;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext(
        "/",
        exchange -> {
          String answer = ANSWERS.get(exchange.getRequestURI().getPath());
          byte[] body = (answer == null ? "{}" : answer).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(answer == null ? 404 : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    client = new HttpRegistryClient("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** A record that says it is in a schema. */
  static byte[] recordIn(int id) {
    return ByteBuffer.allocate(7).put((byte) 0).putInt(id).put(new byte[] {2, 'x'}).array();
  }

  @Override
  public int register(String subject, Schema schema) {
    return ours.register(subject, schema);
  }

  @Override
  public Schema byId(int id) {
    return id == PROTOBUF || id == INVALID_DEFAULT ? client.byId(id) : ours.byId(id);
  }

  @Override
  public void close() {
    client.close();
    server.stop(0);
  }
}
