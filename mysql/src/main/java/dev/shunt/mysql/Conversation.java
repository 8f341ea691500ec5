package dev.shunt.mysql;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Commands and what the server answers, over the packets of one connection. Keeps what the last
 * answer said of the session. Errors of the server are thrown as {@link MysqlException}, those of
 * the socket as they come.
 */
final class Conversation {
  private static final int COM_QUERY = 3;
  private static final int COM_SET_OPTION = 27;

  private static final int OK = 0x00;
  private static final int LOCAL_INFILE = 0xfb;
  private static final int EOF = 0xfe;
  private static final int ERROR = 0xff;
  private static final int SHORT_EOF = 9;

  private final PacketReader in;
  private final PacketWriter out;
  private final boolean deprecateEof;
  private final Runnable abort;
  private int status;
  private boolean multiStatements;

  /**
   * @param abort closes the socket, for when there is no way to go on in order
   */
  Conversation(PacketReader in, PacketWriter out, Login.Session session, Runnable abort) {
    this.in = in;
    this.out = out;
    this.deprecateEof = (session.capabilities() & Capability.DEPRECATE_EOF) != 0;
    this.status = session.status();
    this.abort = abort;
  }

  /** Flags of {@link Responses} that came with the last answer. */
  int status() {
    return status;
  }

  /** Whether the answer to the last command goes on with another result. */
  boolean moreResults() {
    return (status & Responses.MORE_RESULTS) != 0;
  }

  /** Whether bytes that nobody has read are here. */
  boolean hasBuffered() {
    return in.hasBuffered();
  }

  /** The server has forgotten the session's options. */
  void sessionWasReset() {
    multiStatements = false;
  }

  void command(int code, byte[] argument) throws IOException {
    out.startAt(0);
    out.int1(code).bytes(argument);
    out.send();
    in.expectSequence(out.sequence());
  }

  /** Sends one statement. */
  void query(byte[] sql) throws IOException {
    allowMultiStatements(false);
    command(COM_QUERY, sql);
  }

  /** Sends statements that are joined by semicolons. */
  void queries(byte[] sql) throws IOException {
    allowMultiStatements(true);
    command(COM_QUERY, sql);
  }

  private void allowMultiStatements(boolean wanted) throws IOException {
    if (multiStatements != wanted) {
      command(COM_SET_OPTION, new byte[] {(byte) (wanted ? 0 : 1), 0});
      Packet answer = in.read();
      if (answer.kind() == ERROR) {
        throw serverError(answer);
      }
      multiStatements = wanted;
    }
  }

  /**
   * Reads one result to its end.
   *
   * @param data what to send when the server asks for a local file; null to refuse
   */
  QueryResult result(MysqlConnection.@Nullable LocalData data) throws IOException {
    Packet first = in.read();
    return switch (first.kind()) {
      case ERROR -> throw serverError(first);
      case OK -> finished(List.of(), List.of(), Responses.ok(first));
      case LOCAL_INFILE -> {
        if (data == null) {
          throw refuseLocalData();
        }
        sendLocalData(data);
        yield result(null);
      }
      default -> rows(columns(first));
    };
  }

  /** Reads the start of a result whose rows are then read one by one; no columns, no rows. */
  List<Column> columns() throws IOException {
    Packet first = in.read();
    return switch (first.kind()) {
      case ERROR -> throw serverError(first);
      case OK -> {
        status = Responses.ok(first).status();
        yield List.of();
      }
      case LOCAL_INFILE -> throw refuseLocalData();
      default -> columns(first);
    };
  }

  private List<Column> columns(Packet first) throws IOException {
    int count = Math.toIntExact(first.lengthEncodedInteger());
    List<Column> columns = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      columns.add(Column.parse(in.read()));
    }
    if (!deprecateEof) {
      in.read();
    }
    return List.copyOf(columns);
  }

  /** The next row; null after the last one, with whatever results follow read and dropped. */
  @Nullable Packet row() throws IOException {
    Packet packet = in.read();
    if (packet.kind() == ERROR) {
      throw serverError(packet);
    }
    if (!endOfRows(packet)) {
      return packet;
    }
    status = (deprecateEof ? Responses.ok(packet) : Responses.eof(packet)).status();
    while (moreResults()) {
      result(null);
    }
    return null;
  }

  /** The next event of a binary log dump. */
  byte[] event() throws IOException {
    Packet packet = in.read();
    return switch (packet.kind()) {
      case ERROR -> throw serverError(packet);
      case OK -> {
        packet.skip(1);
        yield packet.take(packet.remaining());
      }
      default ->
          throw MysqlException.client(
              MysqlException.LOST_CONNECTION, "the server ended the binary log dump", null);
    };
  }

  private QueryResult rows(List<Column> columns) throws IOException {
    List<Row> rows = new ArrayList<>();
    while (true) {
      Packet packet = in.read();
      if (packet.kind() == ERROR) {
        throw serverError(packet);
      }
      if (endOfRows(packet)) {
        return finished(columns, rows, deprecateEof ? Responses.ok(packet) : Responses.eof(packet));
      }
      byte[] @Nullable [] values = new byte[columns.size()] @Nullable [];
      for (int i = 0; i < values.length; i++) {
        long length = packet.lengthEncodedInteger();
        values[i] = length == Packet.NULL ? null : packet.take(Math.toIntExact(length));
      }
      rows.add(new Row(values));
    }
  }

  private boolean endOfRows(Packet packet) {
    // A row may start with 0xfe too, when its first value has 16 MB or more.
    return packet.kind() == EOF
        && packet.length() < (deprecateEof ? PacketReader.MAX_FRAME : SHORT_EOF);
  }

  private QueryResult finished(List<Column> columns, List<Row> rows, Responses.Ok ok) {
    status = ok.status();
    return new QueryResult(
        columns, rows, ok.affectedRows(), ok.insertId(), ok.warnings(), ok.info());
  }

  private void sendLocalData(MysqlConnection.LocalData data) throws IOException {
    out.startAt(in.sequence());
    try {
      LocalDataStream stream = new LocalDataStream(out);
      data.writeTo(stream);
      stream.finish();
    } catch (IOException | RuntimeException | Error e) {
      // Ending the data in order would load what was sent so far.
      abort.run();
      throw e;
    }
    in.expectSequence(out.sequence());
  }

  private MysqlException refuseLocalData() {
    abort.run();
    return MysqlException.client(
        MysqlException.LOST_CONNECTION,
        "the server asked for a local file; only loadDataLocal sends one",
        null);
  }

  private MysqlException serverError(Packet packet) {
    packet.skip(1);
    status &= ~Responses.MORE_RESULTS;
    return Responses.error(packet);
  }
}
