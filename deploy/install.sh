#!/bin/sh
# Jack as a service of this machine, behind nginx or Caddy with TLS. Debian 12, Ubuntu 24.04, or newer. As root, from a checkout in /opt/jack:
#
#   deploy/install.sh HOST [--caddy] [--certificate FOLDER]     such as: deploy/install.sh jack.example.com
#   deploy/install.sh                                           again, such as after `git pull`: an upgrade that fails no request
#   deploy/install.sh --uninstall                               away with it; the hotel's data and settings stay
#
#   --nginx, --caddy       which proxy; else the one that is here already, or nginx
#   --certificate FOLDER   with fullchain.pem and privkey.pem of your own; else it comes from Let's Encrypt, to whose terms you then agree
#   --dry-run              says what it would do, and does nothing
#
# What is there is kept: it may be typed again at any time, and goes on where it had to stop. It ends with the link to make the first
# administrator. There is no timer for backups: Jack makes them by itself (docs/backups.md).
set -eu
umask 022 # units, and what the proxy reads
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)

UNITS=/etc/systemd/system
SETTINGS=/etc/jack/jack.env
SITE=/etc/nginx/conf.d/jack.conf
CADDY=/etc/caddy/Caddyfile
CADDY_SITE=/etc/caddy/jack.caddyfile
HOST='' PROXY='' CERTIFICATE='' DRY='' REMOVED='' TASK=install
# A line for each change the proxy has yet to know, also after a run that failed: what it knows already would only cut connections.
CHANGED=/etc/jack/.proxy-changed
LOADED=/etc/jack/.certificate # which certificate nginx knows
WRITTEN=$(mktemp) # the proxy's files that this run wrote, until the proxy has taken them
trap 'rm -f "$WRITTEN"' EXIT

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$@" >&2; exit 2; }
usage() { sed -n '2,14s/^# \{0,1\}//p' "$0"; }

# Do it; with --dry-run, say it.
run() { if [ "$DRY" ]; then say "  $*"; else "$@"; fi; }

# shellcheck source=deploy/install-files.sh
. "$here/deploy/install-files.sh"

# Let a proxy use Jack's socket.
join() { id -nG "$1" 2>/dev/null | grep -qw jack || { run usermod --append --groups jack "$1"; note joined; }; }

has() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
is_active() { systemctl is-active --quiet "$1" 2>/dev/null; }
is_installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

# The value of a setting that is there.
setting() { [ ! -r "$SETTINGS" ] || sed -n "s/^$1=//p" "$SETTINGS" | tail -n 1 | tr -d "\"'"; }

# ------------------------------------------------------------------------------------------------ what is meant

read_words() {
    while [ $# -gt 0 ]; do
        case $1 in
            --nginx | --caddy) PROXY=${1#--} ;;
            --certificate) CERTIFICATE=${2:-}; [ -n "$CERTIFICATE" ] || fail '--certificate needs a folder.'; shift ;;
            --dry-run) DRY=yes ;;
            --uninstall) TASK=uninstall ;;
            -h | --help) usage; exit 0 ;;
            -*) fail "There is no $1. deploy/install.sh --help lists what there is." ;;
            *) [ -z "$HOST" ] || fail 'One HOST, such as jack.example.com. Several hotels on one machine: deploy/add-hotel'; HOST=$1 ;;
        esac
        shift
    done
}

check_machine() {
    [ "$(id -u)" = 0 ] || [ "$DRY" ] || fail 'Type this as root: sudo deploy/install.sh ...'
    { has apt-get && has systemctl; } || fail 'This is for Debian and Ubuntu with systemd. Elsewhere, deploy/ has the files, and says in them what to do by hand.'
    [ ! -e /etc/nginx/conf.d/jack-hotels.conf ] || fail 'This machine has several hotels: deploy/add-hotel makes one more, deploy/hotels upgrades all.'
    [ "$DRY" ] || case $here/ in
        /home/* | /root/* | /tmp/* | /var/tmp/*) fail "Jack's user may not read $here. Move it:  mv $here /opt/jack && cd /opt/jack" ;;
    esac
}

# The host: what is typed, else what the settings say of a Jack that is installed already.
find_host() {
    url=$(setting JACK_PUBLIC_URL)
    known=${url#https://}
    case $known in */*) fail "JACK_PUBLIC_URL=$url is below a path: deploy/nginx-path.conf and deploy/Caddyfile say what to do by hand." ;; esac
    [ -z "$HOST" ] || [ -z "$known" ] || [ "$HOST" = "$known" ] || fail "$SETTINGS says JACK_PUBLIC_URL=$url. Change that line first, and type this again."
    HOST=${HOST:-$known}
    case $HOST in
        '') fail 'Which host? Such as: deploy/install.sh jack.example.com' ;;
        *[!a-z0-9.-]* | .* | -* | *.) fail "HOST is a name such as jack.example.com, in small letters; not $HOST" ;;
    esac
    bind=$(setting JACK_BIND)
    case ${bind:-unix:/run/jack/jack.sock} in
        unix:/run/jack/jack.sock) ;;
        *) fail "$SETTINGS says JACK_BIND=$bind, where this proxy would not look. Take that line out, and type this again." ;;
    esac
}

# The folder that --certificate named the last time.
own_certificate() {
    if [ "$PROXY" = caddy ]; then
        [ ! -e /etc/caddy/jack ] || say /etc/caddy/jack
    else
        sed -n 's#^ *ssl_certificate  *\(.*\)/fullchain.pem;#\1#p' "$SITE" 2>/dev/null | grep -v '^/etc/letsencrypt/live/' || true
    fi
}

# The proxy: what is typed, else the one Jack is behind already, else the one that runs; never one beside another program.
find_proxy() {
    if [ -z "$PROXY" ]; then
        PROXY=nginx
        # After a move there are the files of both.
        if [ -e "$CADDY_SITE" ]; then if [ ! -e "$SITE" ] || ! is_active nginx; then PROXY=caddy; fi
        elif [ ! -e "$SITE" ] && is_active caddy && ! is_active nginx; then PROXY=caddy; fi
    fi
    if has ss; then
        other=$(ss -Hltnp 'sport = :80 or sport = :443' 2>/dev/null | sed -n 's/.*users:(("\([^"]*\)".*/\1/p' | grep -vx "$PROXY" | head -n 1)
        [ -z "$other" ] || fail "Port 80 or 443 is taken by $other. Stop it, or let it pass requests on to unix:/run/jack/jack.sock by hand."
    fi
    if [ -z "$CERTIFICATE" ]; then CERTIFICATE=$(own_certificate); fi
    if [ "$CERTIFICATE" ]; then
        CERTIFICATE=$(CDPATH='' cd -- "$CERTIFICATE" 2>/dev/null && pwd -P) && [ -r "$CERTIFICATE/fullchain.pem" ] && [ -r "$CERTIFICATE/privkey.pem" ] ||
            fail 'The folder of --certificate has no fullchain.pem and privkey.pem.'
    fi
}

# ------------------------------------------------------------------------------------------------ the program

packages() {
    wanted='python3-venv'
    if [ "$PROXY" = caddy ]; then wanted="$wanted caddy"; else wanted="$wanted nginx"; fi
    if [ "$PROXY" = nginx ] && [ -z "$CERTIFICATE" ]; then wanted="$wanted certbot"; fi
    missing=''
    for package in $wanted; do is_installed "$package" || missing="$missing $package"; done
    [ "$missing" ] || return 0
    run apt-get update -q
    # shellcheck disable=SC2086 # several words
    run env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
}

program() {
    id jack >/dev/null 2>&1 || run useradd --system --user-group --home-dir /var/lib/jack --no-create-home --shell /usr/sbin/nologin jack
    run "$here/scripts/setup.sh"
}

# A setting that is there is kept.
settle() {
    [ -z "$(setting "$1")" ] || return 0
    if [ "$DRY" ]; then say "  add $1=$2 to $SETTINGS"; else { last_line "$SETTINGS"; say "$1=$2"; } >>"$SETTINGS"; fi
}

settings() {
    [ -e "$SETTINGS" ] || run install -D -m 640 -g jack /dev/null "$SETTINGS"
    settle JACK_PUBLIC_URL "https://$HOST"
    if [ "$PROXY" = nginx ]; then settle JACK_ACCEL_REDIRECT /.instance/; return; fi
    settle JACK_SERVER granian
    # Of a time behind nginx: from Caddy, files would come empty.
    if [ "$(setting JACK_ACCEL_REDIRECT)" ]; then run sed -i --follow-symlinks '/^JACK_ACCEL_REDIRECT=/d' "$SETTINGS"; fi
}

# The units, for this checkout wherever it is.
unit() { sed "s#/opt/jack/#$here/#g; s#^WorkingDirectory=.*#WorkingDirectory=$here#" "$here/deploy/$1" | write "$UNITS/$1"; }

# systemd holds the socket: while Jack starts again, requests wait in it.
service() {
    unit jack.service
    unit jack.socket
    run systemctl daemon-reload
    run systemctl enable --quiet jack.socket jack.service
    if ! is_active jack.socket; then
        if is_active jack.service; then run systemctl stop jack.service; fi
        run systemctl start jack.socket
    fi
    run systemctl restart jack.service
}

# ------------------------------------------------------------------------------------------------ nginx

site() { sed "s#jack\.example\.com#$HOST#g; s#/etc/letsencrypt/live/$HOST#$CERTIFICATE#" "$here/deploy/nginx.conf" | as_nginx_takes_it; }

load_nginx() {
    proven nginx -q -t
    : >"$WRITTEN"
    REMOVED=''
    run systemctl enable --quiet nginx
    if [ "$DRY" ] || [ -s "$CHANGED" ] || ! is_active nginx; then run systemctl reload-or-restart nginx; fi
    [ "$DRY" ] || rm -f "$CHANGED"
}

front_nginx() {
    join www-data
    remove_default_site
    if [ -z "$CERTIFICATE" ]; then
        CERTIFICATE=/etc/letsencrypt/live/$HOST
        certify
    else
        # Typed again, nginx takes renewed ones.
        loaded=$(cat "$CERTIFICATE/fullchain.pem" "$CERTIFICATE/privkey.pem" | sha256sum)
        if [ "$loaded" != "$(cat "$LOADED" 2>/dev/null)" ]; then note certificate; [ "$DRY" ] || say "$loaded" >"$LOADED"; fi
    fi
    site | write "$SITE"
    load_nginx
}

certify() {
    [ ! -e "$CERTIFICATE/fullchain.pem" ] || return 0
    # First without what needs it: the port at which Let's Encrypt asks.
    site | sed '/^# The hotel itself/,$d' | write "$SITE"
    load_nginx
    run certbot certonly --webroot -w /var/www/html -d "$HOST" --non-interactive --agree-tos --register-unsafely-without-email \
        --deploy-hook 'systemctl reload nginx' ||
        fail "There is no certificate for $HOST, and why is said above. The name must lead to this machine, and its port 80 must be open to the world." \
            'Jack itself runs. When that is mended, type the same command again; or bring a certificate along: --certificate FOLDER'
}

# ------------------------------------------------------------------------------------------------ Caddy

# The site of deploy/Caddyfile, without what is said once for all sites and without the one below a path.
caddy_site() {
    sed -n '/^(jack)/,/^# Below a path/p' "$here/deploy/Caddyfile" | grep -v '^# Below a path' | sed "s#^jack\.example\.com {#$HOST {#" |
        if [ "$CERTIFICATE" ]; then sed "s#^$HOST {#&\n\ttls $CERTIFICATE/fullchain.pem $CERTIFICATE/privkey.pem#"; else cat; fi
}

# The Caddyfile with a line that brings the site in; where it is Debian's own, with what deploy/Caddyfile says for all sites.
caddyfile() {
    if is_pristine; then sed -n '/^{/,/^}/p' "$here/deploy/Caddyfile"; else cat "$CADDY"; last_line "$CADDY"; fi
    say 'import jack.caddyfile'
}

# Whether the Caddyfile is Debian's own, or not there.
is_pristine() { [ ! -e "$CADDY" ] || is_debians caddy "$CADDY"; }

front_caddy() {
    join caddy
    if [ "$CERTIFICATE" ]; then
        # Where Caddy, which is not root, may read them. Typed again, it takes renewed ones.
        run install -d -m 750 -g caddy /etc/caddy/jack
        for file in fullchain.pem privkey.pem; do
            cmp -s "$CERTIFICATE/$file" "/etc/caddy/jack/$file" || { note certificate; run install -m 640 -g caddy "$CERTIFICATE/$file" /etc/caddy/jack/; }
        done
        CERTIFICATE=/etc/caddy/jack
    fi
    caddy_site | write "$CADDY_SITE"
    if ! grep -qs '^import jack.caddyfile$' "$CADDY"; then caddyfile | write "$CADDY" caddy validate --adapter caddyfile --config "$CADDY.new"; fi
    proven caddy validate --adapter caddyfile --config "$CADDY"
    run systemctl enable --quiet caddy
    # A new group is known from the next start on.
    if [ "$DRY" ] || grep -qs joined "$CHANGED" || ! is_active caddy; then run systemctl restart caddy
    elif [ -s "$CHANGED" ]; then run systemctl reload caddy; fi
    [ "$DRY" ] || rm -f "$CHANGED"
}

# ------------------------------------------------------------------------------------------------ all of it

install_all() {
    check_machine
    find_host
    find_proxy
    packages
    program
    settings
    service
    : >"$WRITTEN"
    "front_$PROXY"
    [ ! "$DRY" ] || return 0
    say "Jack is served at https://$HOST. Its settings are in $SETTINGS, its log is that of: journalctl -u jack"
    # Who has an administrator needs no link.
    setpriv --reuid jack --regid jack --init-groups "$here/bin/jack" setup-link || true
}

uninstall() {
    check_machine
    run systemctl disable --quiet --now jack.service jack.socket || true
    for file in "$UNITS/jack.service" "$UNITS/jack.socket" "$SITE" "$CADDY_SITE"; do run rm -f "$file" "$file.before"; done
    run rm -f "$CHANGED" "$LOADED"
    if grep -qs '^import jack.caddyfile$' "$CADDY"; then run sed -i '/^import jack.caddyfile$/d' "$CADDY"; fi
    run systemctl daemon-reload
    for proxy in nginx caddy; do if is_active "$proxy"; then run systemctl reload "$proxy"; fi; done
    say 'Jack is no longer a service here. Kept are, for as long as the law and the hotel want them:' \
        "the hotel's data in /var/lib/jack, the settings in /etc/jack, the user jack, certificates, and packages that other programs may use."
    say "To delete the hotel's data for ever:  rm -r /var/lib/jack /etc/jack && userdel jack && rm -r $here"
}

read_words "$@"
if [ "$TASK" = uninstall ]; then uninstall; else install_all; fi
