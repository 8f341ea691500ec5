package dev.shunt.switcher;

import dev.shunt.embedded.DatabaseKind;

/** Beside MySQL. */
class TabletControlMysqlIT extends TabletControlConformance {
  TabletControlMysqlIT() {
    super(DatabaseKind.MYSQL);
  }
}
