package dev.shunt.switcher;

import dev.shunt.embedded.DatabaseKind;

/** Beside MariaDB. */
class TabletControlIT extends TabletControlConformance {
  TabletControlIT() {
    super(DatabaseKind.MARIADB_11_4);
  }
}
