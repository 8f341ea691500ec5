package dev.shunt.command.sending;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.shunt.command.cluster.KeyspaceCalls;
import dev.shunt.command.cluster.ServingCalls;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import dev.shunt.topo.Topos;
import dev.shunt.topo.Versioned;
import io.grpc.StatusRuntimeException;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tabletmanagerdata.Tabletmanagerdata.UpdateVReplicationWorkflowRequest;
import vschema.Vschema;
import vtctldata.Vtctldata;

/**
 * No field of a request is accepted and then ignored: each changes what is done, is refused, or is
 * named here as one that asks nothing of the server.
 */
class RequestFieldsTest {
  private static final Caller CALLER = new Caller("ann", "why", "id", null);

  private final CommandFactory factory = new CommandFactory(InstantSource.fixed(Instant.EPOCH));

  @TempDir Path folder;
  private int clusters;

  /** Fields of a message that, set to something, neither change the result nor are refused. */
  private static <M extends Message> Set<String> ignored(M base, Function<M, Object> call) {
    Object before = call.apply(base);
    Set<String> ignored = new TreeSet<>();
    for (FieldDescriptor field : base.getDescriptorForType().getFields()) {
      boolean counts = false;
      for (Object value : values(base, field)) {
        Message.Builder changed = base.toBuilder();
        if (field.isRepeated()) {
          changed.addRepeatedField(field, value);
        } else {
          changed.setField(field, value);
        }
        counts |= counts(call, cast(base, changed.build()), before);
      }
      if (!counts) {
        ignored.add(field.getName());
      }
    }
    return ignored;
  }

  private static <M extends Message> boolean counts(
      Function<M, Object> call, M changed, Object before) {
    try {
      return !call.apply(changed).equals(before);
    } catch (StatusRuntimeException | TopoException refused) {
      return true;
    }
  }

  @SuppressWarnings({"unchecked", "unused"})
  private static <M extends Message> M cast(M like, Message message) {
    return (M) message;
  }

  private static List<Object> values(Message base, FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case STRING -> List.of("something");
      case BOOLEAN -> List.of(true, false);
      case INT -> List.of(7);
      case LONG -> List.of(7L);
      case FLOAT -> List.of(7f);
      case DOUBLE -> List.of(7d);
      case BYTE_STRING -> List.of(ByteString.copyFromUtf8("something"));
      case ENUM -> new ArrayList<>(field.getEnumType().getValues());
      case MESSAGE -> List.of(filled(base.newBuilderForType().newBuilderForField(field)));
    };
  }

  /** A message in which every plain field says something. */
  private static Message filled(Message.Builder builder) {
    for (FieldDescriptor field : builder.getDescriptorForType().getFields()) {
      if (!field.isRepeated() && field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
        builder.setField(field, values(builder.getDefaultInstanceForType(), field).getFirst());
      }
    }
    return builder.build();
  }

  @Test
  void ofMoveTablesCreate() {
    Vtctldata.MoveTablesCreateRequest base =
        Vtctldata.MoveTablesCreateRequest.newBuilder()
            .setTargetKeyspace("customer")
            .setWorkflow("c2c")
            .build();

    assertThat(ignored(base, request -> factory.create(request, CALLER))).isEmpty();
    assertThat(
            ignored(
                Vtctldata.WorkflowOptions.getDefaultInstance(),
                options ->
                    factory.create(base.toBuilder().setWorkflowOptions(options).build(), CALLER)))
        .isEmpty();
  }

  @Test
  void ofMoveTablesComplete() {
    assertThat(
            ignored(
                Vtctldata.MoveTablesCompleteRequest.newBuilder()
                    .setTargetKeyspace("customer")
                    .setWorkflow("c2c")
                    .build(),
                request -> factory.complete(request, CALLER)))
        .isEmpty();
  }

  @Test
  void ofWorkflowSwitchTraffic() {
    assertThat(
            ignored(
                Vtctldata.WorkflowSwitchTrafficRequest.newBuilder()
                    .setKeyspace("customer")
                    .setWorkflow("c2c")
                    .build(),
                request -> factory.switchTraffic(request, CALLER)))
        .isEmpty();
  }

  @Test
  void ofWorkflowUpdate() {
    Vtctldata.WorkflowUpdateRequest base =
        Vtctldata.WorkflowUpdateRequest.newBuilder().setKeyspace("customer").build();
    UpdateVReplicationWorkflowRequest change =
        UpdateVReplicationWorkflowRequest.newBuilder().setWorkflow("c2c").build();

    assertThat(
            ignored(
                base.toBuilder().setTabletRequest(change).build(),
                request -> factory.update(request, CALLER)))
        .isEmpty();
    assertThat(
            ignored(
                change,
                changed ->
                    factory.update(base.toBuilder().setTabletRequest(changed).build(), CALLER)))
        .isEmpty();
  }

  @Test
  void ofWorkflowDelete() {
    // Rows of a tenant are deleted in batches; whole tables are dropped.
    assertThat(
            ignored(
                Vtctldata.WorkflowDeleteRequest.newBuilder()
                    .setKeyspace("customer")
                    .setWorkflow("c2c")
                    .build(),
                request -> factory.delete(request, CALLER)))
        .containsExactly("delete_batch_size");
  }

  @Test
  void ofVDiffCreate() {
    // How the client waits and prints.
    assertThat(
            ignored(
                Vtctldata.VDiffCreateRequest.newBuilder()
                    .setTargetKeyspace("customer")
                    .setWorkflow("c2c")
                    .setUuid("11111111-1111-1111-1111-111111111111")
                    .build(),
                request -> factory.diff(request, CALLER)))
        .containsExactlyInAnyOrder("wait", "wait_update_interval", "verbose");
  }

  @Test
  void ofApplyVSchema() {
    Vtctldata.ApplyVSchemaRequest base =
        Vtctldata.ApplyVSchemaRequest.newBuilder()
            .setKeyspace("customer")
            .setVSchema(
                Vschema.Keyspace.newBuilder()
                    .setSharded(true)
                    .putVindexes(
                        "hash",
                        Vschema.Vindex.newBuilder()
                            .setType("hash")
                            .putParams("of_no_vindex", "1") // only strict calls mind
                            .build()))
            .build();

    assertThat(ignored(base, request -> onACluster(topo -> new ServingCalls(topo).apply(request))))
        .isEmpty();
  }

  @Test
  void ofCreateKeyspace() {
    // A keyspace without tables needs no VSchema, so none is made in any case.
    assertThat(
            ignored(
                Vtctldata.CreateKeyspaceRequest.newBuilder().setName("fresh").build(),
                request -> onACluster(topo -> new KeyspaceCalls(topo).create(request))))
        .containsExactlyInAnyOrder("allow_empty_v_schema", "force");
  }

  /** What a call answers and leaves in a topology of two cells and a keyspace. */
  private Object onACluster(Function<Topo, Object> call) {
    try (Topo topo = Topos.local(folder.resolve(Integer.toString(clusters++)))) {
      for (String cell : List.of("zone1", "zone2")) {
        topo.createCell(cell, Topodata.CellInfo.newBuilder().setRoot("/" + cell).build());
      }
      topo.createKeyspace("customer", Topodata.Keyspace.getDefaultInstance());
      topo.createKeyspace("something", Topodata.Keyspace.getDefaultInstance());
      List<Object> seen = new ArrayList<>();
      seen.add(call.apply(topo));
      for (String keyspace : topo.keyspaces()) {
        seen.add(keyspace);
        seen.add(topo.keyspace(keyspace).map(Versioned::value));
        seen.add(topo.vschema(keyspace).map(Versioned::value));
      }
      for (String cell : topo.cells()) {
        seen.add(topo.srvVSchema(cell).map(Versioned::value));
      }
      return seen;
    }
  }
}
