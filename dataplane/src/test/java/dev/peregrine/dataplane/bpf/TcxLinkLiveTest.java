package dev.peregrine.dataplane.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A program that drops all, at the end of a veth pair: frames that the other end sends are not received. */
@Tag("live")
class TcxLinkLiveTest {
    private static final Program DROP = new Assembler("pg_drop").exit(Verdict.DROP).assemble();
    private static final Program PASS = new Assembler("pg_pass").exit(Verdict.PASS).assemble();

    @BeforeAll
    static void bpf() {
        Live.requireBpf();
    }

    @Test
    void aProgramIsThereUntilItsLinkIsClosed() throws LinuxException {
        try (Namespace here = Live.namespace();
                Namespace there = Live.namespace()) {
            pair(here, there);
            assertTrue(answers(there), "there is nothing yet that drops");
            here.netNamespace().call(() -> {
                try (LoadedProgram drop = LoadedProgram.load(DROP);
                        LoadedProgram pass = LoadedProgram.load(PASS)) {
                    int device = index("a");
                    try (TcxLink link = TcxLink.attach(drop, device, Hook.INGRESS, TcxLink.Place.LAST)) {
                        assertEquals(false, answers(there), "all is dropped");
                        try (TcxLink before = TcxLink.attach(pass, device, Hook.INGRESS, TcxLink.Place.FIRST)) {
                            assertTrue(answers(there), "a program before it lets all pass");
                            before.close();
                        }
                        link.close();
                        link.close();
                    }
                    assertTrue(answers(there), "the link is closed");
                    try (TcxLink out = TcxLink.attach(drop, device, Hook.EGRESS, TcxLink.Place.LAST)) {
                        assertEquals(false, answers(there), "answers are dropped");
                        out.close();
                    }
                }
                return true;
            });
            assertTrue(answers(there), "nothing is left");
        }
    }

    @Test
    void namesAnInterfaceThatIsNotThere() throws LinuxException {
        try (LoadedProgram program = LoadedProgram.load(PASS)) {
            LinuxException e = assertThrows(
                    LinuxException.class,
                    () -> TcxLink.attach(program, Integer.MAX_VALUE, Hook.INGRESS, TcxLink.Place.LAST));
            assertTrue(e.getMessage().contains("pg_pass at interface 2147483647, INGRESS"), e::getMessage);
        }
    }

    private static void pair(Namespace here, Namespace there) {
        here.ip("link add a type veth peer name b netns " + there.name());
        here.ip("addr add fd00::1/64 dev a nodad");
        there.ip("addr add fd00::2/64 dev b nodad");
        here.ip("link set a up");
        there.ip("link set b up");
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
