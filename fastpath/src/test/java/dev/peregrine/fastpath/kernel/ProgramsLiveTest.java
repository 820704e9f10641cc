package dev.peregrine.fastpath.kernel;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.bpf.LoadedProgram;
import dev.peregrine.dataplane.bpf.Program;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.fastpath.kernel.table.KernelTables;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kernel's verifier takes each program, with each setting that changes its instructions. */
@Tag("live")
class ProgramsLiveTest {
    @BeforeAll
    static void bpf() {
        Live.requireBpf();
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, true, true, -1, 64, true",
        "192.0.2.1, false, false, 46, -1, false",
        "2001:db8::1, true, true, -1, 64, true",
        "2001:db8::1, false, true, -1, 64, true",
        "2001:db8::1, false, false, 46, -1, false",
        "2001:db8::1, true, false, 46, -1, false"
    })
    void theKernelTakesEachProgram(String local, boolean checksum, boolean df, int dscp, int ttl, boolean marksSurvive)
            throws LinuxException, UnknownHostException {
        TunnelEnd end = new TunnelEnd(InetAddress.getByName(local), 4789, checksum, df, dscp, ttl, marksSurvive);
        try (KernelTables tables = new KernelTables(16, 4, 4, 4)) {
            List<Program> programs = new ArrayList<>(List.of(
                    UnderlayProgram.of(tables, end),
                    UnderlayProgram.withHelper(tables, end),
                    HelperProgram.of(tables, end),
                    PortProgram.withHelper(tables, end)));
            if (end.canEncapsulate()) {
                programs.add(PortProgram.of(tables, end));
            } else {
                assertThrows(IllegalArgumentException.class, () -> PortProgram.of(tables, end));
            }
            for (Program program : programs) {
                try (LoadedProgram loaded = LoadedProgram.load(program)) {
                    assertTrue(program.length() < 1000, () -> loaded + " is long");
                }
            }
        }
    }
}
