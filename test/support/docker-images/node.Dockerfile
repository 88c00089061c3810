# Stands in for node:24-bookworm-slim where no image can be pulled: the Node and the npm of this machine.
ARG BASE
FROM ${BASE}
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
    && groupadd --gid 1000 node && useradd --uid 1000 --gid 1000 --create-home node \
    && npm config set --global cafile /etc/ssl/certs/ca-certificates.crt
CMD ["node"]
