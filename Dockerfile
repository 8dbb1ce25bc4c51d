# syntax=docker/dockerfile:1

# The image of the service for linux/amd64 and linux/arm64 (docs/deployment.md). A release passes both base images with
# their digests.
ARG BUILD_IMAGE=rust:1.95.0-bookworm
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian12:nonroot

FROM ${BUILD_IMAGE} AS build
ARG TARGETARCH
WORKDIR /src
COPY . .
# The caches make rebuilds incremental. Each architecture has its own output.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,id=target-${TARGETARCH},target=/src/target \
    cargo build --release --locked --package server --bin safe-auth0 \
    && install -D target/release/safe-auth0 /out/safe-auth0

# The binary alone: docker buildx build --target binary --output type=local,dest=dist .
FROM scratch AS binary
COPY --from=build /out/safe-auth0 /safe-auth0

# glibc, libgcc and root certificates: no shell, no package manager, no PostgreSQL, no root.
FROM ${RUNTIME_IMAGE}
ARG VERSION=development
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
ARG SOURCE=unknown
ARG RUNTIME_IMAGE
LABEL org.opencontainers.image.title="Auth0 for SAFE" \
      org.opencontainers.image.description="Reads the security settings of Auth0 tenants and serves the findings" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.base.name="${RUNTIME_IMAGE}"
COPY LICENSE NOTICE /usr/share/doc/safe-auth0/
COPY --from=build /out/safe-auth0 /usr/local/bin/safe-auth0
# The user `nonroot` of the base image, as numbers, because Kubernetes checks only numbers.
USER 65532:65532
ENV SAFE_AUTH0_LISTEN=0.0.0.0:8080 \
    SAFE_AUTH0_LOG_FORMAT=json
EXPOSE 8080
STOPSIGNAL SIGTERM
# For `serve`. `worker` and `migrate` have no port: run them without a health check.
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s --retries=3 \
    CMD ["/usr/local/bin/safe-auth0", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/safe-auth0"]
CMD ["serve"]
