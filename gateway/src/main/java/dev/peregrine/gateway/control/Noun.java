package dev.peregrine.gateway.control;

import java.util.List;

/** All commands about one kind of thing. A gateway has a list of nouns, and {@link ControlServer} serves it. */
public interface Noun {

    /** Each of another name. */
    List<Command<?>> commands();
}
