package dev.shunt.cli.vtctld;

import io.vitess.proto.Topodata.TabletType;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a tablet type without regard to case. */
public final class TabletTypeConverter implements ITypeConverter<TabletType> {
  @Override
  public TabletType convert(String value) {
    try {
      TabletType type = TabletType.valueOf(value.strip().toUpperCase(Locale.ROOT));
      if (type != TabletType.UNKNOWN && type != TabletType.UNRECOGNIZED) {
        return type;
      }
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException("unknown TabletType " + value);
    }
    throw new TypeConversionException("unknown TabletType " + value);
  }
}
