package dev.peregrine.gateway.doctor.probe;

/** Whether a rule applies to packets of which not all is known. */
enum Match {
    NO,
    MAYBE,
    YES;

    Match and(Match other) {
        return compareTo(other) < 0 ? this : other;
    }

    Match or(Match other) {
        return compareTo(other) > 0 ? this : other;
    }

    Match negated() {
        return switch (this) {
            case NO -> YES;
            case MAYBE -> MAYBE;
            case YES -> NO;
        };
    }

    static Match of(boolean matches) {
        return matches ? YES : NO;
    }
}
