# syntax=docker/dockerfile:1

# Builds the binary. The caches make rebuilds incremental.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package server --bin safe-auth0 \
    && install -D target/release/safe-auth0 /out/safe-auth0

# The runtime image: no tools beyond the base image, no PostgreSQL, no root.
FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin safe-auth0
COPY LICENSE NOTICE /usr/share/doc/safe-auth0/
COPY --from=build /out/safe-auth0 /usr/local/bin/safe-auth0
USER 10001:10001
ENV SAFE_AUTH0_LISTEN=0.0.0.0:8080 \
    SAFE_AUTH0_LOG_FORMAT=json
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s --retries=3 \
    CMD ["safe-auth0", "healthcheck"]
ENTRYPOINT ["safe-auth0"]
CMD ["serve"]
