package dev.peregrine.gateway.doctor.check;

/**
 * The outcome of a check.
 *
 * @param found in figures where there are some; of {@link Result#SKIP}, why nothing was looked at
 * @param remedy a command or a setting; empty where nothing is to be done
 */
public record Finding(Result result, String found, String remedy) {

    /** All is as it should be. */
    public static Finding ok(String found) {
        return new Finding(Result.OK, found, "");
    }

    /** It works, but not well, or may not. */
    public static Finding warn(String found, String remedy) {
        return new Finding(Result.WARN, found, remedy);
    }

    /** It does not work. */
    public static Finding fail(String found, String remedy) {
        return new Finding(Result.FAIL, found, remedy);
    }

    /** It does not apply, or cannot be seen. */
    public static Finding skip(String why) {
        return new Finding(Result.SKIP, why, "");
    }

    /** Cannot be seen; the remedy says who could. */
    public static Finding skip(String why, String remedy) {
        return new Finding(Result.SKIP, why, remedy);
    }
}
