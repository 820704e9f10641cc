import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.DeadCodeOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Writes a jar anew with class files of Java 8 in place of older ones: {@code java UpgradeClassFiles.java FROM TO}. The
 * JVM's caches take no class file that has no stack maps (before Java 6), and a library that is left out of the cache
 * costs a command a tenth of a second.
 */
final class UpgradeClassFiles {
    private static final int JAVA_6 = 50;
    private static final int JAVA_8 = 52;
    private static final int MAJOR_VERSION_AT = 7;

    public static void main(String[] arguments) throws IOException {
        Path from = Path.of(arguments[0]);
        URL jar = from.toUri().toURL();
        try (URLClassLoader classes = new URLClassLoader(new URL[] {jar});
                ZipInputStream in = new ZipInputStream(new FileInputStream(arguments[0]));
                ZipOutputStream out = new ZipOutputStream(new FileOutputStream(arguments[1]))) {
            ClassFile files = ClassFile.of(
                    StackMapsOption.GENERATE_STACK_MAPS,
                    DeadCodeOption.PATCH_DEAD_CODE,
                    ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(classes)
                            .orElse(ClassHierarchyResolver.defaultResolver())));
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                byte[] bytes = in.readAllBytes();
                ZipEntry written = new ZipEntry(entry.getName());
                written.setTime(entry.getTime());
                out.putNextEntry(written);
                boolean isOld = entry.getName().endsWith(".class") && bytes[MAJOR_VERSION_AT] < JAVA_6;
                out.write(isOld ? upgraded(files, files.parse(bytes)) : bytes);
            }
        }
    }

    private static byte[] upgraded(ClassFile files, ClassModel model) {
        // Passing each instruction on generates a method's code, and so its stack maps, again.
        CodeTransform anew = (code, element) -> code.with(element);
        return files.build(model.thisClass().asSymbol(), type -> {
            type.withVersion(JAVA_8, 0);
            model.forEach(element -> {
                switch (element) {
                    case ClassFileVersion old -> {}
                    case MethodModel method -> type.transformMethod(method, MethodTransform.transformingCode(anew));
                    default -> type.with(element);
                }
            });
        });
    }
}
