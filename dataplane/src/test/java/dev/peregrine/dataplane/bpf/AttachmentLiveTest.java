package dev.peregrine.dataplane.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.bpf.Attachment.Place;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A program that drops all, at the end of a veth pair: frames that the other end sends are not received. */
@Tag("live")
class AttachmentLiveTest {
    private static final Program DROP =
            new Assembler("pg_drop").exit(Verdict.DROP).assemble();
    private static final Program PASS =
            new Assembler("pg_pass").exit(Verdict.PASS).assemble();

    @BeforeAll
    static void bpf() {
        Live.requireBpf();
    }

    /** A way to attach a program. */
    interface Way {
        Attachment attach(LoadedProgram program, int index, Hook hook, Place place) throws LinuxException;
    }

    /** Both ways, of which the second one is for kernels without the first. */
    enum Ways implements Way {
        TCX {
            @Override
            public Attachment attach(LoadedProgram program, int index, Hook hook, Place place) throws LinuxException {
                return TcxLink.attach(program, index, hook, place);
            }
        },
        FILTER {
            @Override
            public Attachment attach(LoadedProgram program, int index, Hook hook, Place place) throws LinuxException {
                return FilterAttachment.attach(program, index, hook, place);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aProgramIsThereUntilItIsTakenAway(Ways way) throws LinuxException {
        try (Namespace here = Live.namespace();
                Namespace there = Live.namespace()) {
            pair(here, there);
            assertTrue(answers(there), "there is nothing yet that drops");
            here.netNamespace().call(() -> {
                try (LoadedProgram drop = LoadedProgram.load(DROP);
                        LoadedProgram pass = LoadedProgram.load(PASS)) {
                    int device = index("va");
                    try (Attachment _ = way.attach(drop, device, Hook.INGRESS, Place.LAST)) {
                        assertFalse(answers(there), "all is dropped");
                        Attachment before = way.attach(pass, device, Hook.INGRESS, Place.FIRST);
                        assertTrue(answers(there), "a program before it lets all pass");
                        before.close();
                        before.close();
                        assertFalse(answers(there), "it is taken away");
                    }
                    assertTrue(answers(there), "the last one is taken away, too");
                    try (Attachment _ = way.attach(drop, device, Hook.EGRESS, Place.LAST)) {
                        assertFalse(answers(there), "answers are dropped");
                    }
                }
                return true;
            });
            assertTrue(answers(there), "nothing is left");
        }
    }

    /** A process that was killed leaves its filter: the next one does not come behind it. */
    @Test
    void aFilterTakesThePlaceOfTheOneBefore() throws LinuxException {
        try (Namespace here = Live.namespace();
                Namespace there = Live.namespace()) {
            pair(here, there);
            here.netNamespace().call(() -> {
                try (LoadedProgram drop = LoadedProgram.load(DROP);
                        LoadedProgram pass = LoadedProgram.load(PASS)) {
                    FilterAttachment.attach(drop, index("va"), Hook.INGRESS, Place.LAST);
                    assertFalse(answers(there));
                    try (Attachment _ = FilterAttachment.attach(pass, index("va"), Hook.INGRESS, Place.LAST)) {
                        assertTrue(answers(there));
                    }
                }
                return true;
            });
            assertEquals("", here.output("tc", "filter", "show", "dev", "va", "ingress"));
        }
    }

    @Test
    void namesAnInterfaceThatIsNotThere() throws LinuxException {
        try (LoadedProgram program = LoadedProgram.load(PASS)) {
            LinuxException e = assertThrows(
                    LinuxException.class,
                    () -> Attachment.attach(program, Integer.MAX_VALUE, Hook.INGRESS, Place.LAST));
            assertTrue(e.getMessage().contains("pg_pass at interface 2147483647, INGRESS): ENODEV"), e::getMessage);
        }
    }

    private static void pair(Namespace here, Namespace there) {
        here.ip("link add va type veth peer name vb netns " + there.name());
        here.ip("addr add fd00::1/64 dev va nodad");
        there.ip("addr add fd00::2/64 dev vb nodad");
        here.ip("link set va up");
        there.ip("link set vb up");
    }

    private static int index(String name) throws LinuxException {
        try (Netlink netlink = Netlink.open()) {
            return netlink.link(name).orElseThrow().index();
        }
    }

    private static boolean answers(Namespace there) {
        return Command.run(there.words("ping", "-6", "-c", "3", "-i", "0.1", "-W", "1", "fd00::1"))
                        .exit()
                == 0;
    }
}
