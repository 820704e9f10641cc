package dev.peregrine.controlplane.etcd;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/** Files that hold a password in their first line. */
final class PasswordFile {
    private PasswordFile() {}

    /**
     * Reads the password.
     *
     * @throws EtcdException a refusal, if there is none or others may read it
     */
    static String read(Path file) throws IOException {
        try {
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
            if (mode.contains(PosixFilePermission.OTHERS_READ) || mode.contains(PosixFilePermission.OTHERS_WRITE)) {
                throw EtcdException.refusal(file + " is open to everybody: chmod 640 or 600", null);
            }
            try (BufferedReader reader = Files.newBufferedReader(file)) {
                String password = reader.readLine();
                if (password != null && !password.isEmpty()) return password;
            }
        } catch (NoSuchFileException e) {
            throw EtcdException.refusal(file + ": there is no such file", e);
        }
        throw EtcdException.refusal(file + " has no password in its first line", null);
    }
}
