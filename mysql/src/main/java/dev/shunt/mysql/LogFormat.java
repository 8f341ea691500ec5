package dev.shunt.mysql;

/**
 * What the events of a binary log mean where servers that write the same kinds of events mean
 * different things by them.
 *
 * @param spatialAreTexts whether a table map counts spatial columns among those with a character
 *     set; it counts vectors where not
 * @param mssqlMode whether sql_mode has a bit for MSSQL, by which brackets quote names
 * @param namesDatabases whether a statement's event names the databases that it wrote to
 * @param ownModes whether a statement may have a sql_mode of its own by SET STATEMENT, which the
 *     log shows as if it were the session's
 * @param leftOutIsNull whether what a new row leaves out is NULL if it can't be anything else
 * @param replaceIsUpdate whether a REPLACE may be logged as an update that leaves out columns which
 *     went back to their defaults
 */
public record LogFormat(
    boolean spatialAreTexts,
    boolean mssqlMode,
    boolean namesDatabases,
    boolean ownModes,
    boolean leftOutIsNull,
    boolean replaceIsUpdate) {}
