/**
 * Sends an application's statements to the tablet that the topology names, and holds writes back
 * while their tables are being switched. Knows routing rules, vindexes and denied tables; must not
 * know workflows.
 */
@NullMarked
package dev.shunt.router;

import org.jspecify.annotations.NullMarked;
