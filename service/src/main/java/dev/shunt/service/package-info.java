/**
 * What every service process needs: configuration from file, environment and flags, Kafka client
 * settings, a name for the instance, start and stop. Knows no service in particular.
 */
@NullMarked
package dev.shunt.service;

import org.jspecify.annotations.NullMarked;
