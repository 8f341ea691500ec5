package dev.shunt.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import org.junit.jupiter.api.Test;

/**
 * Servers and channels are made in one place, so that how they are secured is said in one place.
 */
class BuildersTest {
  private static final DescribedPredicate<JavaClass> BUILDERS =
      assignableTo("io.grpc.ServerBuilder")
          .or(assignableTo("io.grpc.ManagedChannelBuilder"))
          .or(assignableTo("io.grpc.Grpc"))
          .or(assignableTo("io.grpc.ServerCredentials"))
          .or(assignableTo("io.grpc.ChannelCredentials"))
          .or(assignableTo("com.sun.net.httpserver.HttpServer"))
          .as("builders of servers and channels");

  @Test
  void onlyNetMakesServersAndChannels() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.shunt.net..")
        .should()
        .dependOnClassesThat(BUILDERS)
        .check(Project.MAIN);
  }

  @Test
  void onlyTransportSaysHowTheyAreSecured() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("dev.shunt.net.Transport")
        .should()
        .callMethodWhere(
            DescribedPredicate.describe(
                "a server or a channel begins, or is served a path",
                call ->
                    BUILDERS.test(call.getTargetOwner())
                        && (call.getName().startsWith("for")
                            || call.getName().equals("create")
                            || call.getName().equals("createContext"))))
        .check(Project.MAIN);
  }

  @Test
  void onlyOnePlaceMakesClientsOfEtcd() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("dev.shunt.topo.Etcd")
        .should()
        .dependOnClassesThat(assignableTo("io.etcd.jetcd.ClientBuilder"))
        .check(Project.MAIN);
  }
}
