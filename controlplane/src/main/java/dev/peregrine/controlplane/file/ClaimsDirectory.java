package dev.peregrine.controlplane.file;

import dev.peregrine.controlplane.Claim;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The claims in the files of a directory. A file that was not read well keeps what it said before. Of a claim that is
 * in two files, that of the file whose name comes last holds.
 */
final class ClaimsDirectory {
    /** Bytes of a file, files, and claims of all files together, at most. */
    static final long MAX_BYTES = 16 << 20;

    static final int MAX_FILES = 4096;
    static final int MAX_CLAIMS = 1 << 18;

    private final Path directory;
    private final @Nullable Path except;
    private Map<Path, Entry> files = new TreeMap<>();
    private Map<Claim.Key, Claim> claims = new LinkedHashMap<>();

    /** Readings that said something new. */
    private long readings;

    /** A file as it was read; {@code reading} is another one when its claims are. */
    private record Entry(Stamp stamp, long reading, List<Claim> claims) {}

    /** Differs when a file was written, or another one was moved into its place. */
    private record Stamp(
            FileTime modified, long size, @Nullable Object key, boolean isRegular) {
        static Stamp of(Path file) throws IOException {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(
                    attributes.lastModifiedTime(), attributes.size(), attributes.fileKey(), attributes.isRegularFile());
        }
    }

    /** The differences from before. */
    record Difference(List<Claim> claimed, List<Claim.Key> withdrawn) {}

    /** A directory whose files end in {@code .json}; {@code except} is not read. */
    ClaimsDirectory(Path directory, @Nullable Path except) {
        this.directory = directory;
        this.except = except == null ? null : except.toAbsolutePath().normalize();
    }

    /** All that is claimed. */
    Iterable<Claim> claims() {
        return claims.values();
    }

    /** Has every file read again. */
    void forgetStamps() {
        files.replaceAll((file, entry) ->
                new Entry(new Stamp(FileTime.fromMillis(0), -1, null, false), entry.reading(), entry.claims()));
    }

    /**
     * Reads what has changed.
     *
     * @param broken is told what is wrong with a file, once for each time that it was written
     * @throws IOException when the directory cannot be read
     */
    Difference scan(Consumer<String> broken) throws IOException {
        Map<Path, Entry> now = new TreeMap<>();
        boolean isSame = true;
        for (Path file : list(broken)) {
            Entry before = files.get(file);
            Entry entry = entry(file, before, broken);
            if (entry == null) continue; // it has gone meanwhile
            now.put(file, entry);
            isSame &= before != null && before.reading() == entry.reading();
        }
        isSame &= now.keySet().equals(files.keySet());
        files = now;
        return isSame ? new Difference(List.of(), List.of()) : compare(broken);
    }

    private List<Path> list(Consumer<String> broken) throws IOException {
        List<Path> list = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, "[!.]*.json")) {
            for (Path file : stream) {
                if (file.toAbsolutePath().normalize().equals(except)) continue;
                if (list.size() == MAX_FILES) {
                    broken.accept(directory + ": has more than " + MAX_FILES + " files; the others are not read");
                    break;
                }
                list.add(file);
            }
        }
        return list;
    }

    private @Nullable Entry entry(Path file, @Nullable Entry before, Consumer<String> broken) {
        Stamp stamp = null;
        try {
            stamp = Stamp.of(file);
            if (before != null && before.stamp().equals(stamp)) return before;
            if (!stamp.isRegular())
                throw new ClaimsException(file + ": it is no regular file"); // to open a pipe may block
            List<Claim> claims = new ArrayList<>();
            ClaimsReader.read(file, MAX_BYTES, claims::add);
            if (before != null && before.claims().equals(claims)) return new Entry(stamp, before.reading(), claims);
            return new Entry(stamp, ++readings, claims);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            broken.accept(e instanceof ClaimsException wrong ? String.valueOf(wrong.getMessage()) : file + ": " + e);
            if (stamp == null) return before;
            return before == null
                    ? new Entry(stamp, ++readings, List.of())
                    : new Entry(stamp, before.reading(), before.claims());
        }
    }

    private Difference compare(Consumer<String> broken) {
        Map<Claim.Key, Claim> now = new LinkedHashMap<>();
        for (Map.Entry<Path, Entry> file : files.entrySet()) {
            if (now.size() + file.getValue().claims().size() > MAX_CLAIMS) {
                broken.accept(file.getKey() + ": more than " + MAX_CLAIMS + " claims are in the directory");
                break;
            }
            for (Claim claim : file.getValue().claims()) now.put(claim.key(), claim);
        }
        List<Claim> claimed = new ArrayList<>();
        now.forEach((key, claim) -> {
            if (!claim.equals(claims.get(key))) claimed.add(claim);
        });
        List<Claim.Key> withdrawn = new ArrayList<>();
        for (Claim.Key key : claims.keySet()) if (!now.containsKey(key)) withdrawn.add(key);
        claims = now;
        return new Difference(claimed, withdrawn);
    }
}
