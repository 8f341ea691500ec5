package dev.shunt.service;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/** Failures in words for a person, who knows nothing of the classes that they have here. */
public final class Words {
  /** The name of a failure's class that a library puts before a sentence, or all that it says. */
  private static final Pattern CLASS_BEFORE =
      Pattern.compile(
          "(?<=^|: )(?:[a-z_][\\w$]*\\.){2,}[A-Z][\\w$]*(?:Exception|Error|Throwable)(?:: |$)");

  private static final Pattern NEXT_WORD = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");

  private Words() {}

  /** What happened. */
  public static String of(Throwable failure) {
    return switch (failure) {
      case FileSystemException file -> ofFile(file);
      case InvalidPathException path -> "'" + path.getInput() + "' is not a path";
      case UnknownHostException host -> "there is no host " + host.getMessage();
      case CharacterCodingException _ -> "it is not text in UTF-8";
      default -> ofAny(failure);
    };
  }

  private static String ofFile(FileSystemException failure) {
    String file = String.valueOf(failure.getFile());
    return switch (failure) {
      case NoSuchFileException _ -> "there is no file or folder " + file;
      case AccessDeniedException _ -> "permission denied: " + file;
      case NotDirectoryException _ -> file + " is not a folder";
      case DirectoryNotEmptyException _ -> "the folder " + file + " is not empty";
      case FileAlreadyExistsException _ -> file + " is there already";
      default -> failure.getReason() == null ? file : file + ": " + failure.getReason();
    };
  }

  private static String ofAny(Throwable failure) {
    String message = failure.getMessage();
    Throwable cause = failure.getCause();
    boolean silent = message == null || message.isBlank();
    if (cause != null && (silent || cause.toString().equals(message))) {
      return of(cause);
    }
    if (message != null && !silent) {
      String words = CLASS_BEFORE.matcher(message).replaceAll("");
      return words.isBlank() ? kind(failure) : words;
    }
    return switch (failure) {
      case TimeoutException _ -> "no answer in time";
      case InterruptedException _ -> "interrupted";
      case ConnectException _ -> "no connection";
      case IOException _ -> "reading or writing failed";
      default -> kind(failure);
    };
  }

  /** The name of its class in words, the last thing that is left to say. */
  private static String kind(Throwable failure) {
    String name = failure.getClass().getSimpleName().replaceAll("(?:Exception|Error)$", "");
    return name.isEmpty()
        ? "an unknown failure"
        : NEXT_WORD.matcher(name).replaceAll(" ").toLowerCase(Locale.ROOT);
  }
}
