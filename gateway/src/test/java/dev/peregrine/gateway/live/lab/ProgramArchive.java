package dev.peregrine.gateway.live.lab;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * The program's classes as the JVM likes them best: as jars, since it archives no classes of folders, and an archive of
 * them parsed (class data sharing). The first gateway that ends by SIGTERM leaves the archive; the others start with
 * less than two thirds of the CPU time. Both lie in {@code target/live}, in a folder for each JVM that runs tests at
 * the same time, and are made again when a class has changed.
 */
final class ProgramArchive {
    private static final Path FOLDER = Path.of("target", "live", System.getProperty("surefire.forkNumber", "1"))
            .toAbsolutePath();
    private static final Path ARCHIVE = FOLDER.resolve("gateway.jsa");
    /** The file that a gateway writes when it was told to; becomes the archive when the gateway has ended well. */
    private static final Path WRITTEN = FOLDER.resolve("gateway.jsa.new");

    private static final String CLASS_PATH = classPath();
    private static boolean writing; // guarded by the class

    private ProgramArchive() {}

    /** The class path of the program, without the classes of tests. */
    static String jars() {
        return CLASS_PATH;
    }

    /** JVM flags that use the archive or, if there is none and no gateway is about to leave one, leave it. */
    static synchronized List<String> flags() {
        String archive = "-XX:SharedArchiveFile=" + ARCHIVE;
        if (!Files.exists(ARCHIVE)) {
            if (writing) return List.of();
            writing = true;
            archive = "-XX:ArchiveClassesAtExit=" + WRITTEN;
        }
        return List.of(archive, "-Xlog:cds=off", "-Xlog:aot=off");
    }

    /** A gateway that was started with these words has ended. */
    static synchronized void ended(List<String> words, int exit) {
        if (!words.contains("-XX:ArchiveClassesAtExit=" + WRITTEN)) return;
        writing = false;
        try {
            if (exit == 0 && Files.exists(WRITTEN)) Files.move(WRITTEN, ARCHIVE, StandardCopyOption.REPLACE_EXISTING);
            else Files.deleteIfExists(WRITTEN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String classPath() {
        List<String> jars = new ArrayList<>();
        try {
            Files.createDirectories(FOLDER);
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
                Path path = Path.of(entry).toAbsolutePath();
                boolean ofTests = entry.endsWith("test-classes") || entry.endsWith("-tests.jar");
                if (ofTests || !Files.exists(path) || FOLDER.startsWith(path)) continue;
                jars.add(Files.isDirectory(path) ? jar(path, jars.size()).toString() : entry);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return String.join(File.pathSeparator, jars);
    }

    /** A folder of classes as a jar, which stays as it is while the folder does. */
    private static Path jar(Path classes, int number) throws IOException {
        Path jar = FOLDER.resolve("classes" + number + ".jar");
        List<Path> files;
        try (Stream<Path> all = Files.walk(classes)) {
            files = all.sorted().toList();
        }
        if (isNewer(jar, files)) return jar;
        Files.deleteIfExists(ARCHIVE);
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            for (Path file : files) {
                if (Files.isDirectory(file)) continue;
                out.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
                Files.copy(file, out);
                out.closeEntry();
            }
        }
        return jar;
    }

    /** Directories count too: a class that is deleted touches only its directory. */
    private static boolean isNewer(Path jar, List<Path> files) throws IOException {
        if (!Files.exists(jar)) return false;
        for (Path file : files) {
            if (Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(jar)) >= 0) return false;
        }
        return true;
    }
}
