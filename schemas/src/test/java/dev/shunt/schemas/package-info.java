/** Tests of the schemas and serializers. */
@NullMarked
package dev.shunt.schemas;

import org.jspecify.annotations.NullMarked;
