FROM scratch
COPY bundle/manifests /manifests/
