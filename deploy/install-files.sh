# shellcheck shell=sh
# The part of deploy/install.sh and deploy/add-hotel, which read it, that writes files: what is there is kept, or put back.

note() { [ "$DRY" ] || say "$1" >>"$CHANGED"; }

# Standard input into a file, where that says something else; first, what the rest of the words prove. Mode, owner and link of a file
# that is there stay, and what it said is kept beside it.
write() {
    file=$1; shift
    if [ "$DRY" ]; then cat >/dev/null; say "  write $file"; return; fi
    mkdir -p "$(dirname "$file")"
    (umask 077; cat >"$file.new")
    if cmp -s "$file.new" "$file"; then rm "$file.new"; return; fi
    [ $# = 0 ] || proven "$@"
    rm -f "$file.before"
    if [ -e "$file" ]; then cp -p "$file" "$file.before"; say "What $file said before is kept in $file.before"; fi
    cat "$file.new" >"$file"
    rm "$file.new"
    note changed
    say "$file" >>"$WRITTEN"
}

# Do what proves the proxy's files; where it fails, they are again what they were.
proven() { run "$@" || { put_back; fail 'The proxy does not take its files, and why is said above. They are again as they were.'; }; }
put_back() {
    while read -r file; do
        if [ -e "$file.before" ]; then cat "$file.before" >"$file"; else rm "$file"; fi
    done <"$WRITTEN"
    rm -f "$CADDY.new"
    if [ "$REMOVED" ]; then ln -s /etc/nginx/sites-available/default "$DEFAULT_SITE"; fi
}

# The end of a file's last line, where that has none.
last_line() { [ -z "$(tail -c1 "$1")" ] || echo; }

# Whether a file is as its package brought it.
is_debians() { dpkg-query -W -f '${Conffiles}\n' "$1" 2>/dev/null | grep -q "^ $2 $(md5sum <"$2" | cut -d' ' -f1)"; }

# ------------------------------------------------------------------------------------------------ nginx

DEFAULT_SITE=/etc/nginx/sites-enabled/default

# Server blocks as this machine can take them: its kernel may know no IPv6, and another site may be the default one.
as_nginx_takes_it() {
    if [ -e /proc/net/if_inet6 ]; then cat; else grep -v 'listen \[::\]'; fi |
        if other_default; then sed 's/ default_server;/;/'; else cat; fi
}

other_default() { grep -RqEs --exclude='jack*.conf*' '^[^#]*listen[^;#]*default_server' /etc/nginx/conf.d /etc/nginx/sites-enabled; }

# Debian's own page, which would be a second default server. A file that somebody has written is not touched.
remove_default_site() {
    page=/etc/nginx/sites-available/default
    if [ "$(readlink "$DEFAULT_SITE" 2>/dev/null)" = "$page" ] && is_debians nginx-common "$page"; then run rm "$DEFAULT_SITE"; REMOVED=yes; note removed; fi
}
