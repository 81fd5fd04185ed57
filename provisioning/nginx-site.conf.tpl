# The door of the host for every claw. Made by setup-host.sh, from nginx-site.conf.tpl.
server {
    listen 80 default_server;
    listen [::]:80 default_server;
    server_name _;
    return 301 https://$host$request_uri;
}
__SECURE_BEGIN__
# Names that no claw has.
server {
    listen 443 ssl http2 default_server;
    listen [::]:443 ssl http2 default_server;
    server_name _;
    ssl_certificate __CERTIFICATES__/fullchain.pem;
    ssl_certificate_key __CERTIFICATES__/privkey.pem;
    return 404;
}

include __NGINX__/claw-users/*.conf;
__SECURE_END__
