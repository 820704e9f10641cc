package dev.peregrine.gateway.doctor.host;

import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.Room;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import java.util.Optional;

/** The memory and the descriptors that the configuration needs. */
public final class MemoryCheck implements Check {
    @Override
    public String name() {
        return "memory";
    }

    @Override
    public String about() {
        return "Heap, memory of the machine or control group, and file descriptors are enough for the configuration.";
    }

    @Override
    public Finding look(Subject subject) {
        Optional<ConfigFile> file = subject.file();
        if (file.isEmpty()) return Finding.skip("what is needed follows from the configuration");
        Room room = subject.gateway().isPresent() ? Room.ofMachine() : Room.left();
        try {
            file.get().check(room);
            return Finding.ok(room.account(file.get().config()));
        } catch (BadConfig bad) {
            return Finding.fail(
                    bad.errors().getFirst().found(), bad.errors().getFirst().expected());
        }
    }
}
