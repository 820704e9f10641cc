package dev.peregrine.testkit;

import java.io.IOException;

class NativeUnderlayContractTest extends UnderlayContract {
    @Override
    World world() throws IOException {
        return new SocketUnderlayWorld(vteps, port -> port.open(0, pool, drops));
    }
}
