package dev.peregrine.gateway.config.schema;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Why the system refused a file or a socket, in words, without the name of the file or of a Java class. */
public final class Causes {
    private Causes() {}

    /** As in {@code EACCES (permission denied)}. */
    public static String text(IOException failure) {
        String said = failure instanceof FileSystemException file ? file.getReason() : failure.getMessage();
        return switch (failure) {
            case NoSuchFileException missing -> "no such file";
            case AccessDeniedException denied -> "EACCES (permission denied)";
            case FileAlreadyExistsException inTheWay -> "EEXIST (file exists)";
            case NotDirectoryException file -> "ENOTDIR (not a directory)";
            default -> said == null ? "an input or output error" : said;
        };
    }
}
