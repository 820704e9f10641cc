/**
 * Claims in files: the plane whose other side is a directory, and the last picture of any plane, from which a gateway
 * starts while that plane cannot be reached. Both have the format that {@link
 * dev.peregrine.controlplane.file.ClaimsReader} describes.
 */
@NullMarked
package dev.peregrine.controlplane.file;

import org.jspecify.annotations.NullMarked;
