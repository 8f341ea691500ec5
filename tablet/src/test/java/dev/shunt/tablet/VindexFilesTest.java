package dev.shunt.tablet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vschema.Vschema;

class VindexFilesTest {
  @Test
  void putsContentsInThePlaceOfPaths(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("regions.json"), "{\"eu\": 1}");
    Vschema.SrvVSchema read =
        VindexFiles.read(
            Vschema.SrvVSchema.newBuilder()
                .putKeyspaces(
                    "ks",
                    Vschema.Keyspace.newBuilder()
                        .putVindexes("there", vindex(file.toString()))
                        .putVindexes("missing", vindex("/no/such/file"))
                        .build())
                .build());

    Vschema.Keyspace vschema = read.getKeyspacesOrThrow("ks");
    assertThat(vschema.getVindexesOrThrow("there").getParamsOrThrow("region_map"))
        .isEqualTo("{\"eu\": 1}");
    assertThat(vschema.getVindexesOrThrow("missing").getParamsOrThrow("region_map"))
        .isEqualTo("/no/such/file");
  }

  private static Vschema.Vindex vindex(String path) {
    return Vschema.Vindex.newBuilder().setType("region_json").putParams("region_map", path).build();
  }
}
