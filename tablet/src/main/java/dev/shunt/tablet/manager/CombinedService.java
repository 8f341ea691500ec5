package dev.shunt.tablet.manager;

import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.rpc.Rpc;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One gRPC service out of several implementations of it, each of which has some of the methods.
 * What none of them has answers UNIMPLEMENTED and says why.
 */
final class CombinedService {
  private CombinedService() {}

  /**
   * @param parts implementations; a part has the methods that its own class declares
   * @param reasons why methods are missing
   */
  static ServerServiceDefinition of(List<BindableService> parts, Map<String, String> reasons) {
    ServerServiceDefinition all = parts.getFirst().bindService();
    ServerServiceDefinition.Builder combined =
        ServerServiceDefinition.builder(all.getServiceDescriptor());
    for (MethodDescriptor<?, ?> method : all.getServiceDescriptor().getMethods()) {
      Optional<BindableService> part =
          parts.stream().filter(one -> declares(one, method)).findFirst();
      if (part.isPresent()) {
        combined.addMethod(part.get().bindService().getMethod(method.getFullMethodName()));
      } else {
        combined.addMethod(refusing(method, reasons));
      }
    }
    return combined.build();
  }

  private static boolean declares(BindableService part, MethodDescriptor<?, ?> method) {
    String bare = String.valueOf(method.getBareMethodName());
    String name = bare.substring(0, 1).toLowerCase(Locale.ROOT) + bare.substring(1);
    return Arrays.stream(part.getClass().getDeclaredMethods())
        .map(Method::getName)
        .anyMatch(name::equals);
  }

  private static <Q, R> ServerMethodDefinition<Q, R> refusing(
      MethodDescriptor<Q, R> method, Map<String, String> reasons) {
    String name = String.valueOf(method.getBareMethodName());
    String text =
        name
            + " is not supported by this tablet: "
            + reasons.getOrDefault(name, "nothing that moves tables calls it");
    return ServerMethodDefinition.create(
        method,
        method.getType() == MethodDescriptor.MethodType.UNARY
            ? ServerCalls.asyncUnaryCall((request, observer) -> observer.onError(refusal(text)))
            : ServerCalls.asyncServerStreamingCall(
                (request, observer) -> observer.onError(refusal(text))));
  }

  private static RuntimeException refusal(String text) {
    return Rpc.status(new RpcException(Status.Code.UNIMPLEMENTED, text));
  }
}
