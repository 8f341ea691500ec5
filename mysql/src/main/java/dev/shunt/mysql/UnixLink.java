package dev.shunt.mysql;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A link through a unix socket. It fails as one over TCP does and in the same words, but that an
 * interrupt closes it under threads of every kind.
 */
final class UnixLink implements ServerLink {
  /** The JDK copies a piece through a buffer of its size, which it keeps. */
  private static final int PIECE = 128 * 1024;

  /**
   * What is under way to the server; a system's usual fifth of a megabyte is a piece and a half.
   */
  private static final int BUFFER = 1024 * 1024;

  private static final long QUEUE_FULL_WAIT = 10_000_000;

  private final UnixDomainSocketAddress address;
  private final SocketChannel channel;
  private final WaitLimit readLimit = new WaitLimit(this::close);
  private final InputStream in = new In();
  private final OutputStream out = new Out();

  private UnixLink(UnixDomainSocketAddress address, SocketChannel channel) {
    this.address = address;
    this.channel = channel;
  }

  /** Connects; while the server's queue of connections is full it waits. */
  static UnixLink open(UnixDomainSocketAddress address, Duration timeout) throws IOException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      long left = Math.max(1, deadline - System.nanoTime());
      SocketChannel opened = SocketChannel.open(StandardProtocolFamily.UNIX);
      opened.setOption(StandardSocketOptions.SO_SNDBUF, BUFFER);
      UnixLink link = new UnixLink(address, opened);
      try {
        link.connect(Duration.ofNanos(left));
        return link;
      } catch (IOException e) {
        link.close();
        if (!isQueueFull(e)) {
          throw e;
        }
      }
      if (System.nanoTime() - deadline > 0) {
        throw new SocketTimeoutException("Connect timed out; the server accepts no connections");
      }
      LockSupport.parkNanos(QUEUE_FULL_WAIT);
    }
  }

  /** In virtual threads a full queue is an error (EAGAIN); in others it is waited for. */
  private static boolean isQueueFull(IOException e) {
    return String.valueOf(e.getMessage()).contains("temporarily unavailable");
  }

  private void connect(Duration timeout) throws IOException {
    WaitLimit limit = new WaitLimit(this::close);
    limit.set(timeout);
    try {
      var unused = limit.during("Connect", () -> channel.connect(address) ? 1 : 0);
    } catch (ConnectException e) {
      throw explained(e, e.getMessage() + "; the socket is there, but no server listens at it");
    } catch (SocketException e) {
      if (String.valueOf(e.getMessage()).contains("too long")) {
        throw explained(e, "the path is too long for a unix socket; use a shorter one, or TCP");
      }
      if (Files.notExists(address.getPath())) {
        throw explained(
            e, "there is no such socket; the server does not run, or its socket has another path");
      }
      throw e;
    } finally {
      limit.clear();
    }
  }

  private static ConnectException explained(SocketException cause, String sentence) {
    ConnectException failure = new ConnectException(sentence);
    failure.initCause(cause);
    return failure;
  }

  @Override
  public InputStream in() {
    return in;
  }

  @Override
  public OutputStream out() {
    return out;
  }

  @Override
  public void readTimeout(Duration timeout) {
    readLimit.set(timeout);
  }

  @Override
  public SocketAddress remote() {
    return address;
  }

  @Override
  public boolean isPrivate() {
    return true;
  }

  @Override
  public Socket asSocket() throws SocketException {
    return new AsSocket();
  }

  @Override
  public void close() {
    readLimit.clear();
    try {
      channel.close();
    } catch (IOException ignored) {
      // Nothing is left to do with it.
    }
  }

  private final class In extends InputStream {
    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, target.length);
      ByteBuffer piece = ByteBuffer.wrap(target, offset, Math.min(length, PIECE));
      return readLimit.during("Read", () -> channel.read(piece));
    }

    @Override
    public void close() {
      UnixLink.this.close();
    }
  }

  private final class Out extends OutputStream {
    private final WaitLimit none = new WaitLimit(UnixLink.this::close);

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, bytes.length);
      int end = offset + length;
      for (int from = offset; from < end; ) {
        ByteBuffer piece = ByteBuffer.wrap(bytes, from, Math.min(end - from, PIECE));
        from += none.during("Write", () -> channel.write(piece));
      }
    }

    @Override
    public void close() {
      UnixLink.this.close();
    }
  }

  /** What TLS needs of a socket. */
  private final class AsSocket extends Socket {
    private int timeout;

    AsSocket() throws SocketException {
      super((@Nullable SocketImpl) null);
    }

    @Override
    public InputStream getInputStream() {
      return in;
    }

    @Override
    public OutputStream getOutputStream() {
      return out;
    }

    @Override
    public void setSoTimeout(int millis) {
      timeout = millis;
      readTimeout(Duration.ofMillis(millis));
    }

    @Override
    public int getSoTimeout() {
      return timeout;
    }

    @Override
    public void shutdownInput() throws IOException {
      channel.shutdownInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
      channel.shutdownOutput();
    }

    @Override
    public boolean isConnected() {
      return true;
    }

    @Override
    public boolean isClosed() {
      return !channel.isOpen();
    }

    @Override
    public void close() {
      UnixLink.this.close();
    }
  }
}
