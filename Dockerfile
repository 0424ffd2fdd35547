# syntax=docker/dockerfile:1
# A small image: the program and the certificates that outgoing TLS needs, as a user without rights.
#
#   docker build -t bailiwick .
#   docker run -p 8080:8080 -v bailiwick:/data -e BAILIWICK_PUBLIC_URL=http://localhost:8080 bailiwick
#
# The first start prints the link that sets it up: docker logs.
FROM rust:1-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends make perl && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --locked --profile dist --features postgres-tls --bin bailiwick && cp target/dist/bailiwick /bailiwick
RUN mkdir -p /empty/data && chown 65532:65532 /empty/data

# glibc and nothing else: no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /bailiwick /bailiwick
COPY --from=build --chown=65532:65532 /empty/data /data
ENV BAILIWICK_LISTEN=0.0.0.0:8080 BAILIWICK_DATA_DIR=/data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["/bailiwick", "check", "--running"]
ENTRYPOINT ["/bailiwick"]
