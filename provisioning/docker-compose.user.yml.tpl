# The claw __USERNAME__ of tenant __TENANT__. Made by provision.sh, which creates the container from this file; `docker compose`
# reads it too. Secrets stand in claw.env beside it (mode 0600) and nowhere here.
name: claw-__USERNAME__
services:
  claw:
    image: __IMAGE__
    container_name: claw-__USERNAME__
    restart: unless-stopped
    user: "10001:10001"
    read_only: true
    init: false
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    mem_limit: __MEMORY__
    memswap_limit: __MEMORY__
    cpus: __CPUS__
    pids_limit: __PIDS__
    stop_grace_period: 60s
    tmpfs: ["/tmp:size=256m,mode=1777,nosuid,nodev", "/app/builds:size=256m,mode=1777,nosuid,nodev,uid=10001,gid=10001"]
    env_file: [{ path: ./claw.env, format: raw }]
    environment:
      CLAW_NAME: __USERNAME__
    volumes:
      - claw-data-__USERNAME__:/app/data
      - claw-soul-__USERNAME__:/app/soul
      - claw-public-__USERNAME__:/app/public
    networks: [claw]
    ports: __PORTS__
    logging:
      driver: json-file
      options: { max-size: 10m, max-file: "3" }
    labels:
      clay.tenant: __TENANT__
      clay.claw: __USERNAME__
      traefik.enable: "true"
      traefik.docker.network: claw-__USERNAME__
      traefik.http.routers.claw-__USERNAME__.rule: Host(`__USERNAME__.__DOMAIN__`)
      traefik.http.routers.claw-__USERNAME__.entrypoints: websecure
      traefik.http.routers.claw-__USERNAME__.tls.certresolver: __CERT_RESOLVER__
      traefik.http.routers.claw-__USERNAME__.service: claw-__USERNAME__
      traefik.http.routers.claw-__USERNAME__.middlewares: claw-__USERNAME__-headers
      traefik.http.middlewares.claw-__USERNAME__-headers.headers.stsseconds: "31536000"
      traefik.http.services.claw-__USERNAME__.loadbalancer.server.port: "8080"
      traefik.http.services.claw-__USERNAME__.loadbalancer.responseforwarding.flushinterval: 1ms
volumes:
  claw-data-__USERNAME__: { external: true }
  claw-soul-__USERNAME__: { external: true }
  claw-public-__USERNAME__: { external: true }
networks:
  claw: { name: claw-__USERNAME__, external: true }
