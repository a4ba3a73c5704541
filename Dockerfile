# Built in one image, run in another that holds neither the sources nor a compiler.
FROM node:20-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# Scripts only after the sources are there: `prepare` builds dist/.
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:20-bookworm-slim
# Debian packages beside it, such as linux-perf for hardware counters.
ARG PACKAGES=""
# hadolint ignore=DL3008,SC2086
RUN if [ -n "$PACKAGES" ]; then \
      apt-get update && apt-get install -y --no-install-recommends $PACKAGES && rm -rf /var/lib/apt/lists/*; \
    fi
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data
WORKDIR /app
COPY --from=build /build/package.json /build/LICENSE ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
# The folder is made here so that a new volume belongs to the user of the process.
RUN install -d -o node -g node -m 0700 /data
# node, by its number: who runs it can tell that it is not root
USER 1000:1000
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# where it listens: on one address of a network it is not on loopback
HEALTHCHECK CMD ["node", "-e", "const host = process.env.HOST ?? ''; const to = ['', '0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host.includes(':') ? '[' + host + ']' : host; fetch('http://' + to + ':' + (process.env.PORT ?? 8000) + '/health').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/perfwatch.js", "serve"]
