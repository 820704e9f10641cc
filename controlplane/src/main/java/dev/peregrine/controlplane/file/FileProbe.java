package dev.peregrine.controlplane.file;

import dev.peregrine.controlplane.Examined;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks at a directory of claims: whether it and its files can be read, and the own file be written. It writes nothing.
 */
public final class FileProbe {
    private FileProbe() {}

    /**
     * Looks now.
     *
     * @param own the file of the gateway's own claims
     */
    public static Examined look(Path directory, Optional<Path> own) {
        List<Examined.Fault> faults = new ArrayList<>();
        ClaimsDirectory claims = new ClaimsDirectory(directory, own.orElse(null));
        try {
            claims.scan(broken -> faults.add(new Examined.Fault(false, broken, "mend it, or move it away")));
        } catch (IOException | DirectoryIteratorException e) {
            String cure = Files.isDirectory(directory)
                    ? "chmod a+rx " + directory + ", or the rights of the gateway's user"
                    : "mkdir -p " + directory;
            faults.add(new Examined.Fault(true, "cannot read " + directory + ": " + e, cure));
        }
        own.map(Path::getParent)
                .filter(folder -> !Files.isWritable(folder))
                .ifPresent(folder -> faults.add(new Examined.Fault(
                        true,
                        folder + " is not there or not writable: nothing is announced",
                        "mkdir -p " + folder + ", writable for the gateway's user")));
        int count = 0;
        for (var _ : claims.claims()) count++;
        return new Examined(directory + " has " + count + " claims", faults);
    }
}
