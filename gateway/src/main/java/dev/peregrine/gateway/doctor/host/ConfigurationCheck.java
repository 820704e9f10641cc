package dev.peregrine.gateway.doctor.host;

import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.doctor.check.Texts;
import java.util.List;
import java.util.Optional;

/** Settings that will not do what they seem to. */
public final class ConfigurationCheck implements Check {
    @Override
    public String name() {
        return "configuration";
    }

    @Override
    public String about() {
        return "Settings of the file that are legal, but will not do what they seem to; `check` lists all of them.";
    }

    @Override
    public Finding look(Subject subject) {
        Optional<ConfigFile> file = subject.file();
        if (file.isEmpty()) return Finding.skip("none given", "peregrine doctor --config FILE looks at it too");
        List<String> warnings = file.get().warnings();
        return warnings.isEmpty()
                ? Finding.ok(Texts.count(file.get().config().vnis().size(), "VNI") + ", "
                        + Texts.count(subject.ports().size(), "port"))
                : Finding.warn(Texts.few(warnings), "peregrine check --config FILE");
    }
}
