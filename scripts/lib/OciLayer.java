import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes a tree as the layer of an OCI image, a tar file, to the standard output:
 * {@code java OciLayer.java TREE SECONDS [PATH=CAPABILITIES]…}. The same tree gives the same bytes: names are sorted,
 * all belongs to root, and all times are SECONDS of the epoch. A PATH gets file capabilities (capabilities(7)), the
 * numbers of CAPABILITIES with commas between, permitted but not effective: an extended attribute, which takes no
 * privilege to write here.
 */
final class OciLayer {
    private static final int BLOCK = 512;
    private static final int NAME_BYTES = 100;
    private static final int VFS_CAP_REVISION_2 = 0x0200_0000;

    private final Path tree;
    private final long seconds;
    private final Map<String, byte[]> capabilities = new HashMap<>();
    private final OutputStream out;

    private OciLayer(Path tree, long seconds, OutputStream out) {
        this.tree = tree;
        this.seconds = seconds;
        this.out = out;
    }

    public static void main(String[] arguments) throws IOException {
        // Not System.out, which keeps a full disk to itself.
        try (OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16)) {
            OciLayer layer = new OciLayer(Path.of(arguments[0]), Long.parseLong(arguments[1]), out);
            for (String given : List.of(arguments).subList(2, arguments.length)) {
                String[] parts = given.split("=", 2);
                layer.capabilities.put(parts[0], capabilities(parts[1]));
            }
            layer.write();
        }
    }

    /** As {@code struct vfs_cap_data}: two words each of what is permitted and inheritable, little-endian. */
    private static byte[] capabilities(String numbers) {
        long permitted = 0;
        for (String number : numbers.split(",")) permitted |= 1L << Integer.parseInt(number);
        return ByteBuffer.allocate(20)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(VFS_CAP_REVISION_2)
                .putInt((int) permitted)
                .putInt(0)
                .putInt((int) (permitted >>> 32))
                .putInt(0)
                .array();
    }

    private void write() throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(tree)) {
            paths = walk.filter(path -> !path.equals(tree)).sorted().toList();
        }
        for (Path path : paths) write(path);
        out.write(new byte[2 * BLOCK]);
    }

    private void write(Path path) throws IOException {
        String name = tree.relativize(path).toString();
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
        byte[] granted = capabilities.get(name);
        if (Files.isSymbolicLink(path)) {
            entry(name, '2', 0777, 0, Files.readSymbolicLink(path).toString(), granted);
        } else if (Files.isDirectory(path)) {
            entry(name + "/", '5', mode, 0, "", granted);
        } else {
            entry(name, '0', mode, Files.size(path), "", granted);
            Files.copy(path, out);
            pad(Files.size(path));
        }
    }

    private void entry(String name, char type, int mode, long size, String target, byte[] granted) throws IOException {
        ByteArrayOutputStream extended = new ByteArrayOutputStream();
        if (bytes(name).length > NAME_BYTES) record(extended, "path", bytes(name));
        if (bytes(target).length > NAME_BYTES) record(extended, "linkpath", bytes(target));
        if (granted != null) record(extended, "SCHILY.xattr.security.capability", granted);
        if (extended.size() > 0) {
            header("PaxHeaders/" + name, 'x', 0644, extended.size(), "");
            extended.writeTo(out);
            pad(extended.size());
        }
        header(name, type, mode, size, target);
    }

    /** {@code LENGTH KEYWORD=VALUE\n}, whose length includes its own digits (POSIX.1-2001, pax). */
    private static void record(ByteArrayOutputStream to, String keyword, byte[] value) {
        int rest = 1 + keyword.length() + 1 + value.length + 1;
        int length = rest + 1;
        while (length != rest + String.valueOf(length).length()) length++;
        to.writeBytes(bytes(length + " " + keyword + "="));
        to.writeBytes(value);
        to.write('\n');
    }

    /** The header of POSIX.1-1988, ustar. */
    private void header(String name, char type, int mode, long size, String target) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(BLOCK);
        put(header, 0, cut(bytes(name)));
        put(header, 100, octal(mode, 7));
        put(header, 108, octal(0, 7));
        put(header, 116, octal(0, 7));
        put(header, 124, octal(size, 11));
        put(header, 136, octal(seconds, 11));
        put(header, 148, bytes("        "));
        header.put(156, (byte) type);
        put(header, 157, cut(bytes(target)));
        put(header, 257, bytes("ustar\00000"));
        int sum = 0;
        for (byte one : header.array()) sum += one & 0xff;
        put(header, 148, bytes(String.format("%06o\0 ", sum)));
        out.write(header.array());
    }

    private static byte[] cut(byte[] text) {
        return text.length <= NAME_BYTES ? text : Arrays.copyOf(text, NAME_BYTES);
    }

    private static byte[] octal(long value, int digits) {
        return bytes(String.format("%0" + digits + "o", value));
    }

    private static void put(ByteBuffer header, int at, byte[] value) {
        header.put(at, value);
    }

    private void pad(long size) throws IOException {
        out.write(new byte[(int) (-size & BLOCK - 1)]);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
