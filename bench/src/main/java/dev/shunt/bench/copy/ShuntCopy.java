package dev.shunt.bench.copy;

import dev.shunt.bench.data.DataSet;
import dev.shunt.bench.server.OnlineCopy;

/** Shunt's online copy, from creating the stream until it runs and no lag is left. */
record ShuntCopy(OnlineCopy stream, DataSet data) implements CopyWay {
  static final String NAME = "shunt";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean usesTablets() {
    return true;
  }

  @Override
  public void copy() throws InterruptedException {
    stream.createTables(data.names());
    stream.createStream(data.names(), true);
    stream.start();
    stream.awaitRunning();
    stream.awaitCaughtUp();
  }

  @Override
  public void cleanUp() {
    stream.delete();
  }
}
