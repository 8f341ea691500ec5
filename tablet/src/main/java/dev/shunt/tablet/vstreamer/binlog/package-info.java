/**
 * Turns the bytes of a MySQL or MariaDB binary log into events and cells. Bytes in, values out: no
 * sockets, no clock, no knowledge of tablets. A cell is rendered as the very bytes that a text
 * SELECT with {@code SET NAMES binary} and time zone UTC gives for it.
 */
@NullMarked
package dev.shunt.tablet.vstreamer.binlog;

import org.jspecify.annotations.NullMarked;
