package dev.peregrine.controlplane.kubernetes;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.LocalState;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which objects a plane is made of, and how claims stand in them. It keeps nothing of what it reads. */
sealed interface Dialect permits FlannelNodes, StationObjects {
    /** That of a plane's mode. */
    static Dialect of(KubernetesSettings settings) {
        return switch (settings.mode()) {
            case FLANNEL -> new FlannelNodes(settings.node(), settings.vtep().isIpv4());
            case CRD -> new StationObjects(settings.vtep());
        };
    }

    /** The path of all objects. */
    String collection();

    /** Which objects these are, and where they come from, for the message that they do not exist. */
    String origin();

    /** How many objects of a list are asked for at once. */
    int pageSize();

    /** The claims of an object. */
    Reading read(ApiObject object);

    /** Whether this gateway publishes by the object, so that its claims are not others'. */
    boolean isOwn(ApiObject object);

    /** Whether objects that are made are to be gone when the node is. */
    boolean isOwnedByNode();

    /**
     * The changes by which objects come to say what is wanted.
     *
     * @param own objects of this gateway that there are, by name
     * @param owner the node that owns what is made; null for none
     */
    Plan plan(LocalState wanted, Map<String, ApiObject> own, @Nullable Owner owner);

    /**
     * A node.
     *
     * @param uid that of the present object of this name
     */
    record Owner(String name, String uid) {}

    /**
     * The changes to make.
     *
     * @param obstacle why it is not all that is wanted; empty where it is
     */
    record Plan(List<Change> changes, String obstacle) {
        public Plan {
            changes = List.copyOf(changes);
        }
    }

    /** The keys of claims that objects hold. */
    default int count(Iterable<ApiObject> objects) {
        Set<Claim.Key> keys = new HashSet<>();
        for (ApiObject object : objects) {
            if (read(object) instanceof Reading.Claims said) said.claims().forEach(claim -> keys.add(claim.key()));
        }
        return keys.size();
    }
}
