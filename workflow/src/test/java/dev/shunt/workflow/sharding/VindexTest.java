package dev.shunt.workflow.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.workflow.RefusedException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VindexTest {
  @ParameterizedTest
  @CsvSource({
    "hash,0,8ca64de9c1b123a7",
    "hash,1,166b40b44aba4bd6",
    "hash,2,06e7ea22ce92708f",
    "hash,3,4eb190c9a2fa169c",
    "hash,4,d2fd8867d50d2dfe",
    "hash,5,70bb023c810ca87a",
    "hash,6,f098480ac4c4be71",
    "hash,7,fb8baaad918119b8",
    "hash,100,83aab1569cbe1b08",
    "hash,9223372036854775808,95f8a5e5dd31d900",
    "hash,18446744073709551615,355550b2150e2451",
    "hash,-1,355550b2150e2451",
    "reverse_bits,0,0000000000000000",
    "reverse_bits,1,8000000000000000",
    "reverse_bits,2,4000000000000000",
    "reverse_bits,3,c000000000000000",
    "reverse_bits,4,2000000000000000",
    "reverse_bits,5,a000000000000000",
    "reverse_bits,6,6000000000000000",
    "reverse_bits,7,e000000000000000",
    "reverse_bits,100,2600000000000000",
    "reverse_bits,9223372036854775808,0000000000000001",
    "reverse_bits,18446744073709551615,ffffffffffffffff",
    "numeric,1,0000000000000001",
    "numeric,18446744073709551615,ffffffffffffffff",
    "xxhash,'',99e9d85137db46ef",
    "xxhash,1,d46405367612b4b7",
    "xxhash,test,398167db5dcadc4f",
    "xxhash,alice@example.com,1ec196cc46b81ec2",
    "binary_md5,'',d41d8cd98f00b204e9800998ecf8427e",
    "binary_md5,1,c4ca4238a0b923820dcc509a6f75849b",
    "binary_md5,test,098f6bcd4621d373cade4e832627b4f6",
    "binary_md5,alice@example.com,c160f8cc69a4f0bf2b0362752353d060",
    "binary,abc,616263",
    "null,7,00",
    "unicode_loose_md5,'',d41d8cd98f00b204e9800998ecf8427e",
    "unicode_loose_md5,a,cecd92a198405e4449bac0d33407e52f",
    "unicode_loose_md5,A,cecd92a198405e4449bac0d33407e52f",
    "unicode_loose_md5,é,bffdc147f016944ba57c17581ff4a6cc",
    "unicode_loose_md5,e,bffdc147f016944ba57c17581ff4a6cc",
    "unicode_loose_md5,Test,0b5edbb401fd7524393690491d64f1f5",
    "unicode_loose_md5,'test ',0b5edbb401fd7524393690491d64f1f5",
    "unicode_loose_md5,bc,db3be4ed3622b534f37833a8304a31ab",
    "unicode_loose_md5,' ab',624f00a040e552c12722162fc2c4b847",
    "unicode_loose_md5,ab-c,3a5ebdbd8784ef67ef81e4a85e997568",
    "unicode_loose_md5,ß,ad4d333c3973cbe3c331409840d2cc06",
    "unicode_loose_md5,ss,ad4d333c3973cbe3c331409840d2cc06",
    "unicode_loose_md5,1,c4dad07de132a52c8249e30fab8bddab",
    "unicode_loose_md5,日本,d0a42bab58e368e5e93330281a856af5",
    "unicode_loose_md5,😀,d172e537bcee90fd007ead2bb374f723",
    "unicode_loose_xxhash,'',99e9d85137db46ef",
    "HASH,1,166b40b44aba4bd6"
  })
  void mapsAsVitessDoes(String type, String value, String keyspaceId) {
    byte[] id = VindexFactory.create(type).map(value);

    assertThat(HexFormat.of().formatHex(id)).isEqualTo(keyspaceId);
  }

  @ParameterizedTest
  @CsvSource({"hash,abc", "hash,1.5", "hash,''", "numeric,-1", "numeric,x", "reverse_bits,-1"})
  void refusesValuesThatAreNotItsKindWithoutShowingThem(String type, String value) {
    Vindex vindex = VindexFactory.create(type);

    assertThatThrownBy(() -> vindex.map(value))
        .isInstanceOf(UnmappableValueException.class)
        .hasMessageStartingWith("could not map value to a keyspace id: vindex " + type)
        .hasNoCause();
  }

  @ParameterizedTest
  @ValueSource(strings = {"hash", "xxhash", "numeric", "binary", "binary_md5", "reverse_bits"})
  void doesNotMapNull(String type) {
    Vindex vindex = VindexFactory.create(type);

    assertThatThrownBy(() -> vindex.map((byte[]) null))
        .isInstanceOf(UnmappableValueException.class)
        .hasMessageContaining("NULL");
  }

  @Test
  void nullVindexMapsNull() {
    assertThat(VindexFactory.create("null").map((byte[]) null)).containsExactly(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lookup", "consistent_lookup_unique"})
  void refusesTypesItCannotMap(String type) {
    assertThatThrownBy(() -> VindexFactory.create(type))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(type + " is not supported");
  }

  @Test
  void refusesUnknownTypes() {
    assertThatThrownBy(() -> VindexFactory.create("nonsense"))
        .isInstanceOf(RefusedException.class)
        .hasMessageStartingWith("unknown vindex type nonsense: known are binary, ")
        .hasMessageContaining("xxhash");
  }
}
