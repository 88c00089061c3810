# The platform: registry API, dashboard and the tools inside the monolith. Context: the repository.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE}
WORKDIR /platform
# The package depends on itself as a folder, so its sources must exist before npm links it
COPY package.json package-lock.json .npmrc tsconfig.json ./
RUN npm ci --no-audit --no-fund --loglevel=error && npm cache clean --force
COPY contracts contracts
COPY templating templating
COPY templates templates
COPY registry-api registry-api
COPY migrations migrations
COPY generators generators
COPY extraction extraction
COPY inspection inspection
COPY exporter exporter
COPY monolith monolith
COPY tools tools
COPY gateway gateway
# A new volume gets the owner of the folder at its mount point
RUN install --directory --owner=1000 --group=1000 /state
LABEL org.opencontainers.image.title="generator-platform"
ENV NODE_ENV=production
# Numeric, so that an orchestrator can verify that it is not root
USER 1000:1000
EXPOSE 3000
STOPSIGNAL SIGTERM
CMD ["node", "monolith/server/platform/server.ts"]
