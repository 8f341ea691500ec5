package dev.shunt.topo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Stands between the members of an etcd cluster, which say in their requests who they are, and can
 * cut one of them off from the others.
 */
final class PeerRelay implements AutoCloseable {
  private static final Pattern FROM = Pattern.compile("(?i)\r\nX-Server-From: (\\S+)\r\n");
  private static final Pattern TO = Pattern.compile("(?i)\r\nX-Raft-To: (\\S+)\r\n");

  private record Link(@Nullable String from, int to, Socket near, Socket far) {
    void close() {
      shut(near);
      shut(far);
    }
  }

  private final List<ServerSocket> doors = new ArrayList<>();
  private final List<Link> links = new CopyOnWriteArrayList<>();
  private final Map<String, Integer> members = new HashMap<>();
  private int cut = -1;

  /** The port at which the next member is to be called that listens on this one. */
  synchronized int before(int port) {
    int member = doors.size();
    try {
      ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      doors.add(door);
      Thread.ofVirtual().start(() -> serve(door, member, port));
      return door.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serve(ServerSocket door, int member, int port) {
    try {
      while (true) {
        Socket near = door.accept();
        Thread.ofVirtual().start(() -> link(near, member, port));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void link(Socket near, int member, int port) {
    try {
      byte[] head = head(near.getInputStream());
      String text = new String(head, StandardCharsets.ISO_8859_1);
      Socket far = new Socket(InetAddress.getLoopbackAddress(), port);
      Link link = new Link(find(FROM, text), member, near, far);
      if (!admit(link, find(TO, text))) {
        return;
      }
      far.getOutputStream().write(head);
      Thread.ofVirtual().start(() -> pump(far, near));
      pump(near, far);
    } catch (IOException e) {
      shut(near);
    }
  }

  private static byte[] head(InputStream from) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = from.read();
      if (next < 0) {
        throw new IOException("ended in its head");
      }
      head.write(next);
    }
    return head.toByteArray();
  }

  private static @Nullable String find(Pattern header, String text) {
    Matcher matcher = header.matcher(text);
    return matcher.find() ? matcher.group(1) : null;
  }

  private synchronized boolean admit(Link link, @Nullable String to) {
    if (to != null) {
      members.put(to, link.to());
    }
    links.add(link);
    if (isCut(link)) {
      link.close();
      return false;
    }
    return true;
  }

  /** Whoever does not say who they are may be the one that is cut off. */
  private boolean isCut(Link link) {
    return cut >= 0
        && (link.to() == cut
            || link.from() == null
            || members.getOrDefault(link.from(), cut) == cut);
  }

  private static void pump(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // one of them has ended
    } finally {
      shut(from);
      shut(to);
    }
  }

  private static void shut(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // closed all the same
    }
  }

  /** Lets a member and the others hear nothing of each other any more. */
  synchronized void cut(int member) {
    cut = member;
    links.stream().filter(this::isCut).forEach(Link::close);
  }

  @Override
  public synchronized void close() throws IOException {
    for (ServerSocket door : doors) {
      door.close();
    }
    links.forEach(Link::close);
  }
}
