package dev.peregrine.bench.falcon.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelTest {
    private final Model model = new Model(100, devices(200, 200, 300, 200), 4, 6);

    private static Map<String, Double> devices(double underlay, double vtep, double bridge, double port) {
        Map<String, Double> devices = new LinkedHashMap<>();
        devices.put("underlay", underlay);
        devices.put("vtep", vtep);
        devices.put("bridge", bridge);
        devices.put("port", port);
        return devices;
    }

    @Test
    void addsUpOnOneWorker() {
        assertEquals(1.0, model.serial(), 1e-9); // 1000 ns
        assertEquals(1.0, model.spread(1), 1e-9);
        assertEquals(1.0, model.split(1), 1e-9);
    }

    @Test
    void isBoundByTheBusierOfTwoWorkersAndItsHandOff() {
        // Worker 0: receive 100, underlay 200, vtep 200, give 4; worker 1: take 6, bridge 300, port 200.
        assertEquals(1e3 / 506, model.spread(2), 1e-9);
    }

    @Test
    void handsOverTwiceWhereItIsSplitOverTwo() {
        // Worker 0: receive 100, give 4, take 6, bridge 300, port 200; worker 1: take 6, 200, 200, give 4.
        assertEquals(1e3 / 610, model.split(2), 1e-9);
    }

    @Test
    void gainsNothingForOneFlowFromMoreWorkersThanDevices() {
        assertEquals(model.spread(4), model.spread(32));
        assertTrue(model.spread(4) > model.spread(2));
    }

    @Test
    void growsWithWorkersForManyFlowsButLessThanInProportion() {
        assertTrue(model.manySerial(8) > 4 * model.manySerial(1));
        assertTrue(model.manySerial(8) < 8 * model.manySerial(1));
        assertTrue(model.manyStatic(8) > model.manyStatic(4));
    }
}
