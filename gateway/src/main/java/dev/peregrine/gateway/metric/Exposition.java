package dev.peregrine.gateway.metric;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Metrics as text. */
public final class Exposition {
    private static final ExpositionFormatWriter OPEN_METRICS =
            OpenMetricsTextFormatWriter.builder().build();
    private static final ExpositionFormatWriter PROMETHEUS =
            PrometheusTextFormatWriter.builder().build();
    private static final int USUAL_BYTES = 32 << 10;

    private final String contentType;
    private final boolean gzip;
    private final byte[] body;

    private Exposition(String contentType, boolean gzip, byte[] body) {
        this.contentType = contentType;
        this.gzip = gzip;
        this.body = body;
    }

    /** Some other text, which gets a line end. */
    public static Exposition text(String text) {
        return new Exposition("text/plain; charset=utf-8", false, (text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** The type of the text. */
    public String contentType() {
        return contentType;
    }

    /** Whether {@link #body} is compressed. */
    public boolean gzip() {
        return gzip;
    }

    /** The text's bytes, which the caller leaves as they are. */
    public byte[] body() {
        return body;
    }

    /**
     * Writes metrics in the form that was asked for: OpenMetrics 1.0, or else the text format of Prometheus, version
     * 0.0.4.
     *
     * @param accept the header {@code Accept}; null for none
     * @param acceptEncoding the header {@code Accept-Encoding}; null for none
     */
    public static Exposition of(MetricSnapshots metrics, @Nullable String accept, @Nullable String acceptEncoding) {
        ExpositionFormatWriter writer = accept != null && OPEN_METRICS.accepts(accept) ? OPEN_METRICS : PROMETHEUS;
        boolean gzip = acceptsGzip(acceptEncoding);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(USUAL_BYTES);
        try {
            if (gzip) {
                try (GZIPOutputStream packed = new Gzip(bytes)) {
                    writer.write(packed, metrics);
                }
            } else {
                writer.write(bytes, metrics);
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return new Exposition(writer.getContentType(), gzip, bytes.toByteArray());
    }

    private static boolean acceptsGzip(@Nullable String acceptEncoding) {
        if (acceptEncoding == null) {
            return false;
        }
        for (String one : acceptEncoding.toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] words = one.replace(" ", "").split(";", 2);
            if (words[0].equals("gzip")) {
                return words.length == 1 || !words[1].matches("q=0(\\.0*)?");
            }
        }
        return false;
    }

    /** As fast as may be: numbers compress well at any level. */
    private static final class Gzip extends GZIPOutputStream {
        Gzip(ByteArrayOutputStream out) throws IOException {
            super(out, USUAL_BYTES);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
