package dev.peregrine.gateway.observe.tap;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.stage.Stage;

/** A stage whose decisions about followed packets are told to a worker's tap. */
final class TracedStage extends NamedStage {
    private final int place;
    private final TraceTap tap;

    /** The followed packets of a batch: they may be gone, or another's, when the stage has decided. */
    private final int[] indices = new int[Batch.CAPACITY];

    private final long[] numbers = new long[Batch.CAPACITY];

    TracedStage(String address, Stage stage, int place, TraceTap tap) {
        super(address, stage);
        this.place = place;
        this.tap = tap;
    }

    @Override
    public void process(Batch batch) {
        int followed = 0;
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            if (TraceTap.isFollowed(packet.mark())) {
                indices[followed] = i;
                numbers[followed++] = packet.mark();
            }
        }
        stage.process(batch);
        for (int i = 0; i < followed; i++) {
            int index = indices[i];
            tap.decided(place, batch.verdict(index), numbers[i], batch.packet(index), stage, index);
        }
    }
}
