package dev.peregrine.bench.experiment;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The program that {@link CaseJvm} starts: measures one case once for each line of stdin. A line is a number of
 * seconds; the answer is a line of metrics in JSON, or an error. The program ends with stdin.
 */
final class CaseMain {
    /** Begins an answer that reports an error. */
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
            } catch (IOException | RuntimeException failure) {
                answer = FAILURE + String.valueOf(failure).lines().findFirst().orElse("");
            }
            System.out.println(answer);
            System.out.flush();
        }
    }
}
