package dev.shunt.topo;

/**
 * In which life of its store a topology is, as of one moment. Revisions grow within a life only: a
 * store that is made anew, or put back to an earlier state, begins another one. Tokens of named
 * locks are compared where the epochs are equal; they grow over lives as well, as far as clocks and
 * what is known of earlier lives allow.
 *
 * @param epoch random name of the life, kept in the store itself
 * @param newestToken the newest token that the store can have given by now
 */
public record StoreLife(String epoch, long newestToken) {}
