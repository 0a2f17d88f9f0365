# The container: one static binary, no shell, nobody's uid, a root that may be read-only.
#
#   docker build -t cordboard .                    compiles in the first stage
#   ./task image                                   takes the binary that is built outside,
#                                                  so that no base image is needed
#   docker run -v cordboard:/data -p 8080:8080 --read-only --cap-drop=all cordboard

ARG BUILD=compiled

FROM golang:1.26 AS compiled
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o /image/cordboard . \
	&& cp /etc/ssl/certs/ca-certificates.crt /image/ \
	&& mkdir /image/data

FROM scratch AS prebuilt
COPY bin/image /image

FROM ${BUILD} AS made

FROM scratch
LABEL org.opencontainers.image.title="Cordboard" \
	org.opencontainers.image.licenses="Apache-2.0"
COPY --from=made /image/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=made --chown=65532:65532 /image/data /data
COPY --from=made /image/cordboard /cordboard
ENV CORDBOARD_DATA=/data CORDBOARD_LISTEN=0.0.0.0:8080
USER 65532:65532
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s CMD ["/cordboard", "healthcheck"]
ENTRYPOINT ["/cordboard"]
