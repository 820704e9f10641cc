package dev.peregrine.dataplane.policy;

/** The fate of a frame that meets a rule. */
public enum Action {
    /** It passes this list of rules. */
    ALLOW,
    /** It is dropped. */
    DENY,
    /** It passes while the rule's rate is not used up. */
    LIMIT
}
