# The claw __USERNAME__. Made by provision.sh, from nginx-user.conf.tpl.
server {
    listen 443 ssl http2;
    listen [::]:443 ssl http2;
    server_name __USERNAME__.__DOMAIN__;

    ssl_certificate __CERTIFICATES__/fullchain.pem;
    ssl_certificate_key __CERTIFICATES__/privkey.pem;

    client_max_body_size 32m;

    # Of a visitor's cookies the claw gets its own two and nothing that another host of the domain has set.
    set $claw_cookie "";
    set $claw_session "";
    if ($http_cookie ~ "(?:^|;\s*)(clay_[0-9a-f]{8}=[^;\s]*)") {
        set $claw_cookie $1;
    }
    if ($http_cookie ~ "(?:^|;\s*)(clay_[0-9a-f]{8}_session=[^;\s]*)") {
        set $claw_session "; $1";
    }

    location / {
        proxy_pass http://127.0.0.1:__PORT__;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header Connection "";
        proxy_set_header Cookie $claw_cookie$claw_session;
        # Set and never added to: what a client claims about its own address says nothing.
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Host $host;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-Port $server_port;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header Forwarded "";
        # A claw sets cookies for itself, and for no other host of the domain.
        proxy_cookie_domain ~.+ $host;

        # Events of a stream come one by one and may be long apart.
        proxy_buffering off;
        proxy_request_buffering off;
        proxy_cache off;
        proxy_connect_timeout 5s;
        proxy_read_timeout 1h;
        proxy_send_timeout 1h;
    }
}
