# syntax=docker/dockerfile:1
# The collector; `--target provisioner` adds what is needed to provision Grafana.
FROM python:3.12.14-slim-bookworm@sha256:782412e85d0f0984994c290652577d4018aff08145c85b262bb63dc0c7522254 AS debian

FROM debian AS build
WORKDIR /src
COPY requirements/ requirements/
COPY pyproject.toml ./
RUN python -m pip install --quiet --no-cache-dir --root-user-action ignore \
        --require-hashes --requirement requirements/uv.txt
ENV UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1
RUN uv venv --quiet /opt/servicedesk \
    && uv pip sync --quiet --python /opt/servicedesk --require-hashes \
        --build-constraints requirements/build.txt requirements/mysql.txt
COPY LICENSE README.md ./
COPY collector/ collector/
COPY config/ config/
COPY dashboards/ dashboards/
COPY docs/runbooks/ docs/runbooks/
RUN uv pip install --quiet --python /opt/servicedesk --no-deps \
        --build-constraints requirements/build.txt .

FROM build AS build-provisioner
# [tool.uv] in pyproject.toml keeps the real urllib3 in place
RUN uv pip install --quiet --python /opt/servicedesk --require-hashes \
        --build-constraints requirements/build.txt --requirement requirements/grafana.txt

FROM debian AS base
# what signs snapshots (ssh-keygen) and tells a git witness
RUN apt-get -qq update \
    && apt-get -qq install -y --no-install-recommends git openssh-client >/dev/null \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin servicedesk
ENV PATH=/opt/servicedesk/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    SERVICEDESK_KPI_CONFIG=/etc/servicedesk/servicedesk.yaml
# new volumes mounted here are writable for that user; the configuration in the image is for the demo
RUN install -d -o 10001 -g 10001 /var/lib/servicedesk-rules /var/lib/servicedesk-reports
COPY --from=build /src/config/servicedesk.yaml /src/config/values.csv /etc/servicedesk/
USER 10001:10001
ENTRYPOINT ["servicedesk-kpi"]

FROM base AS provisioner
COPY --from=build-provisioner /opt/servicedesk /opt/servicedesk
CMD ["provision"]

FROM base AS collector
COPY --from=build /opt/servicedesk /opt/servicedesk
EXPOSE 9109
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9109/healthz', timeout=4)"]
CMD ["run"]
