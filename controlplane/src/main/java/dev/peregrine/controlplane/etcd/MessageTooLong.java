package dev.peregrine.controlplane.etcd;

import java.io.IOException;

/** A message is longer than {@link EtcdClient#MAX_MESSAGE}. */
final class MessageTooLong extends IOException {
    private static final long serialVersionUID = 1L;

    MessageTooLong() {
        super("a message of more than " + EtcdClient.MAX_MESSAGE + " bytes");
    }
}
