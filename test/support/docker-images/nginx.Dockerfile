# Stands in for nginx:1.28: Debian's own.
ARG BASE
FROM ${BASE}
RUN apt-get update && apt-get install --yes --no-install-recommends nginx-light \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
CMD ["nginx", "-g", "daemon off;"]
