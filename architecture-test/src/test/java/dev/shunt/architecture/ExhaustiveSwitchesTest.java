package dev.shunt.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CaseTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.DefaultCaseLabelTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.SwitchExpressionTree;
import com.sun.source.tree.SwitchTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * A switch over an enum or a sealed type of ours names all that there is: with a {@code default} a
 * new one would be taken for something that it is not, and the compiler would not say where.
 */
class ExhaustiveSwitchesTest {
  private static final Pattern DEFAULT = Pattern.compile("\\bdefault\\s*(?:->|:)");

  /** Files that still have one, to be mended. */
  private static final Set<String> TO_BE_MENDED = Set.of();

  @Test
  void noSwitchOverATypeOfOursHasADefault() throws IOException {
    Path root = Project.root();
    List<Path> sources =
        Project.sources("src/main/java").stream()
            .filter(ExhaustiveSwitchesTest::hasADefault)
            .toList();
    assertThat(sources).as("files to look at").hasSizeGreaterThan(50);

    List<Finding> findings;
    try (StandardJavaFileManager files = compiler().getStandardFileManager(null, null, null)) {
      findings = findings(root, files.getJavaFileObjectsFromPaths(sources));
    }
    assertThat(findings)
        .filteredOn(one -> !TO_BE_MENDED.contains(one.file()))
        .as("switches over an enum or sealed type of ours that have a default")
        .isEmpty();
    assertThat(findings)
        .extracting(Finding::file)
        .as("files that are to be mended; what is mended is to be taken off the list")
        .containsAll(TO_BE_MENDED);
  }

  @Test
  void seesEnumsAndSealedTypesOfOursOnly() throws IOException {
    String source =
        """
        package dev.shunt.example;

        class Example {
          enum Colour { RED, GREEN }

          sealed interface Shape {
            record Circle() implements Shape {}

            record Square() implements Shape {}
          }

          int expression(Colour colour) {
            return switch (colour) {
              case RED -> 1;
              default -> 2;
            };
          }

          void statement(Shape shape) {
            switch (shape) {
              case Shape.Circle _ -> {}
              default -> {}
            }
          }

          int withNull(Shape shape) {
            return switch (shape) {
              case Shape.Circle _ -> 1;
              case null, default -> 2;
            };
          }

          int old(Colour colour) {
            switch (colour) {
              case RED:
                return 1;
              default:
                return 2;
            }
          }

          int foreign(Thread.State state, String text, Object any) {
            return switch (state) {
              case NEW -> 1;
              default -> switch (text) {
                case "a" -> 2;
                default -> switch (any) {
                  case Shape _ -> 3;
                  default -> 4;
                };
              };
            };
          }

          int complete(Colour colour) {
            return switch (colour) {
              case RED -> 1;
              case GREEN -> 2;
            };
          }
        }
        """;
    JavaFileObject file =
        new SimpleJavaFileObject(
            URI.create("string:///dev/shunt/example/Example.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    assertThat(findings(Path.of("/"), List.of(file)))
        .extracting(Finding::type)
        .containsExactly(
            "dev.shunt.example.Example.Colour",
            "dev.shunt.example.Example.Shape",
            "dev.shunt.example.Example.Shape",
            "dev.shunt.example.Example.Colour");
  }

  private record Finding(String file, long line, String type) {}

  private static boolean hasADefault(Path file) {
    try {
      return DEFAULT.matcher(Files.readString(file)).find();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The compiler itself says of what type a selector is; it writes nothing. */
  private static List<Finding> findings(Path root, Iterable<? extends JavaFileObject> sources)
      throws IOException {
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    JavacTask task =
        (JavacTask)
            compiler()
                .getTask(
                    null,
                    null,
                    problems,
                    List.of("-proc:none", "-classpath", System.getProperty("java.class.path")),
                    null,
                    sources);
    List<CompilationUnitTree> units = new ArrayList<>();
    task.parse().forEach(units::add);
    var unused = task.analyze();
    assertThat(problems.getDiagnostics())
        .filteredOn(problem -> problem.getKind() == Diagnostic.Kind.ERROR)
        .as("what the compiler can't resolve")
        .isEmpty();
    Trees trees = Trees.instance(task);
    List<Finding> found = new ArrayList<>();
    for (CompilationUnitTree unit : units) {
      new Switches(root, unit, trees, found).scan(unit, null);
    }
    return found;
  }

  private static JavaCompiler compiler() {
    return ToolProvider.getSystemJavaCompiler();
  }

  private static final class Switches extends TreePathScanner<Void, Void> {
    private final Path root;
    private final CompilationUnitTree unit;
    private final Trees trees;
    private final List<Finding> found;

    Switches(Path root, CompilationUnitTree unit, Trees trees, List<Finding> found) {
      this.root = root;
      this.unit = unit;
      this.trees = trees;
      this.found = found;
    }

    @Override
    public Void visitSwitch(SwitchTree tree, Void nothing) {
      look(tree.getExpression(), tree.getCases());
      return super.visitSwitch(tree, null);
    }

    @Override
    public Void visitSwitchExpression(SwitchExpressionTree tree, Void nothing) {
      look(tree.getExpression(), tree.getCases());
      return super.visitSwitchExpression(tree, null);
    }

    private void look(ExpressionTree selector, List<? extends CaseTree> cases) {
      TypeMirror type = trees.getTypeMirror(new TreePath(getCurrentPath(), selector));
      for (CaseTree one : cases) {
        if (one.getLabels().stream().anyMatch(DefaultCaseLabelTree.class::isInstance)
            && isOurs(type)) {
          long line =
              unit.getLineMap()
                  .getLineNumber(trees.getSourcePositions().getStartPosition(unit, one));
          String file = root.relativize(Path.of(unit.getSourceFile().toUri().getPath())).toString();
          found.add(new Finding(file, line, type.toString()));
        }
      }
    }

    private static boolean isOurs(TypeMirror type) {
      return type instanceof DeclaredType declared
          && declared.asElement() instanceof TypeElement element
          && element.getQualifiedName().toString().startsWith("dev.shunt.")
          && (element.getKind() == ElementKind.ENUM || isSealed(element));
    }

    private static boolean isSealed(Element element) {
      return element.getModifiers().contains(Modifier.SEALED);
    }
  }
}
