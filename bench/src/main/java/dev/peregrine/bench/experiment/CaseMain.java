package dev.peregrine.bench.experiment;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.dataplane.linux.CpuAffinity;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The program that {@link CaseJvm} starts: measures one case as often as it is asked to. Each line of stdin is a number of seconds, and
 * is answered by a line of metrics in JSON, or of what went wrong. Ends with stdin.
 */
final class CaseMain {
    /** Begins an answer that tells what went wrong. */
    static final String FAILURE = "failed: ";

    private CaseMain() {}

    /** Name of the experiment, index of the case, and whether the plan is a quick one. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Plan plan = new Plan(
                Boolean.parseBoolean(arguments[2]),
                1,
                1,
                1,
                Arrays.stream(CpuAffinity.current()).boxed().toList(),
                "");
        Case mine = Catalogue.find(arguments[0]).orElseThrow().cases(plan).get(Integer.parseInt(arguments[1]));
        ObjectMapper json = new ObjectMapper();
        BufferedReader turns = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String turn = turns.readLine(); turn != null; turn = turns.readLine()) {
            String answer;
            try {
                answer = json.writeValueAsString(mine.measurement().measure(Double.parseDouble(turn)));
            } catch (RuntimeException failure) {
                answer = FAILURE + String.valueOf(failure).lines().findFirst().orElse("");
            }
            System.out.println(answer);
            System.out.flush();
        }
    }
}
