package dev.peregrine.gateway.doctor.host;

import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;

/** The Java runtime of this process. */
public final class JdkCheck implements Check {
    @Override
    public String name() {
        return "jdk";
    }

    @Override
    public String about() {
        return "The JDK is 25 or newer and lets the program call the C library.";
    }

    private static final int OLDEST = 25;

    @Override
    public Finding look(Subject subject) {
        Runtime.Version version = Runtime.version();
        String text = "Java " + version + ", " + System.getProperty("os.arch");
        if (version.feature() < OLDEST) {
            return Finding.fail(text, "install a JDK 25 or newer, and set JAVA_HOME");
        }
        return JdkCheck.class.getModule().isNativeAccessEnabled()
                ? Finding.ok(text + ", native access")
                : Finding.warn(text + " without native access", "java --enable-native-access=ALL-UNNAMED …");
    }
}
