# docker build -t sla-sync .   The image has the program alone: settings, secrets and state come from outside.
FROM python:3.11-slim AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/sla-sync \
 && /opt/sla-sync/bin/pip install --no-cache-dir --require-hashes -r requirements.lock \
 && /opt/sla-sync/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /state sla \
 && install -d -o sla -g sla -m 0700 /state
COPY --from=build /opt/sla-sync /opt/sla-sync
ENV PATH=/opt/sla-sync/bin:$PATH \
    SLA_CONFIG=/etc/sla/service.yaml \
    SLA_STATE=/state/state.db \
    SLA_LOG_FORMAT=json \
    PYTHONUNBUFFERED=1
USER 10001
WORKDIR /state
VOLUME /state
EXPOSE 8700
HEALTHCHECK --interval=60s --timeout=10s --start-period=15m CMD ["sla", "health"]
ENTRYPOINT ["sla"]
CMD ["run", "--http", "0.0.0.0:8700"]
