# The page and the API of inkdigits as an image:
#
#     docker build -t inkdigits .
#     docker run --rm -p 5000:5000 --read-only --tmpfs /tmp inkdigits
#
# docs/deploy/docker.md explains it. deploy/rehearse.py carries these steps out without Docker.
# A tag moves; to build from the same base for ever, name its digest as well, in both places:
# `docker buildx imagetools inspect python:3.13-slim-bookworm` prints it, and
# `FROM python:3.13-slim-bookworm@sha256:...` takes it.

FROM python:3.13-slim-bookworm AS build
WORKDIR /build
RUN ["python", "-m", "venv", "--without-pip", "/opt/inkdigits"]
COPY pyproject.toml constraints.txt README.md LICENSE ./
# for a volume that the service may write to
RUN ["mkdir", "/data"]
COPY src src
RUN ["python", "-m", "pip", "--python", "/opt/inkdigits/bin/python", "install", \
     "--no-cache-dir", "--no-compile", "--constraint", "constraints.txt", ".[postgres,redis]"]
COPY deploy/slim slim
RUN ["python", "-m", "slim", "/opt/inkdigits"]
# reads a page with what is left, and compiles what a start loads
COPY deploy/slim/warm.py warm.py
RUN ["/opt/inkdigits/bin/python", "warm.py"]

FROM python:3.13-slim-bookworm
LABEL org.opencontainers.image.title="inkdigits" \
      org.opencontainers.image.description="Reads handwritten digits: a web page and an API" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/inkdigits /opt/inkdigits
COPY --from=build --chown=10001:10001 /data /data
ENV PATH=/opt/inkdigits/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /data
EXPOSE 5000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-IS", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('PORT') or 5000), timeout=4); c.request('GET', '/readyz'); sys.exit(c.getresponse().status != 200)"]
CMD ["python", "-m", "inkdigits", "serve", "--host", "0.0.0.0"]
