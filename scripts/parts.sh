#!/bin/sh
# What tests and benchmarks need beyond Python: installed where it may be, named where it may not.
# Given names (`scripts/parts.sh wrk`), only those; otherwise what the tests need.
#
# root on Debian or Ubuntu: apt-get installs what is missing. Elsewhere one line for each
# missing part says how to get it, and what needs it is left out. With CI=true nothing
# may be missing.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*"; }
has() { command -v "$1" >/dev/null 2>&1; }
can_install() { [ "$(id -u)" = 0 ] && has apt-get; }
is_ubuntu() { grep -qs '^ID=ubuntu' /etc/os-release; }

# The parts: is it there?
has_nginx() { has nginx || [ -x /usr/sbin/nginx ]; }
# Where it can be installed, the one without windows: it takes a third of the time.
has_chromium() {
    has chromium-headless-shell && return
    if can_install && ! is_ubuntu; then return 1; fi
    has chromium || has chromium-browser || has google-chrome ||
        ls -d "$HOME"/.cache/ms-playwright/chromium-* "$HOME"/Library/Caches/ms-playwright/chromium-*
}
has_caddy() { has caddy; }
has_dovecot() { has dovecot || [ -x /usr/sbin/dovecot ]; }
has_systemd() { [ "$(uname)" != Linux ] || has systemd-analyze; }

# Not asked for on Ubuntu, whose package is a snap: its test is left out there.
has_firefox() { has firefox-esr || has firefox || is_ubuntu; }
# WebKitGTK, what drives it, and the screen it needs: on Linux; elsewhere there is none.
has_webkit() { [ "$(uname)" != Linux ] || { has WebKitWebDriver && has Xvfb; }; }

has_wrk() { has wrk; }

wanted=${*:-nginx caddy chromium systemd dovecot firefox webkit}

missing() {
    for part in $wanted; do
        "has_$part" >/dev/null 2>&1 || say "$part"
    done
}

# The command that installs a part here.
command_for() {
    case $1 in
        chromium) say '.venv/bin/python -m playwright install --with-deps chromium' ;;
        nginx) if has apt-get; then say 'sudo apt install nginx-light'
               elif has brew; then say 'brew install nginx'
               else say 'sudo dnf install nginx'; fi ;;
        caddy) if has brew; then say 'brew install caddy'
               elif has apt-get; then say 'sudo apt install caddy'
               else say 'sudo dnf install caddy'; fi ;;
        dovecot) if has apt-get; then say 'sudo apt install dovecot-imapd'
                 elif has brew; then say 'brew install dovecot'
                 else say 'sudo dnf install dovecot'; fi ;;
        firefox) if ! has apt-get; then say 'Firefox from https://www.mozilla.org'
                 else say 'sudo apt install firefox-esr'; fi ;;
        webkit) say 'sudo apt install webkit2gtk-driver xvfb' ;;
        *) if has apt-get; then say "sudo apt install $1"; else say "sudo dnf install $1"; fi ;;
    esac
}

# nginx, caddy and dovecot are not to start by themselves: RUNLEVEL=1 tells their packages so.
apt_install() {
    RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends "$@" </dev/null
}

install_part() {
    case $1 in
        # Ubuntu's package is a snap, which has no place in a container.
        chromium) if is_ubuntu; then .venv/bin/python -m playwright install --with-deps chromium
                  else apt_install chromium-headless-shell; fi ;;
        nginx) apt_install nginx-light ;;
        dovecot) apt_install dovecot-imapd ;;
        firefox) apt_install firefox-esr ;;
        webkit) apt_install webkit2gtk-driver xvfb ;;
        *) apt_install "$1" ;;
    esac
}

install_missing() {
    log=$(mktemp)
    for part in $(missing); do
        say "Installing $part ..."
        install_part "$part" >"$log" 2>&1 ||
            { apt-get update -qq && install_part "$part"; } >"$log" 2>&1 ||
            { say "That failed:"; tail -n 5 "$log"; } >&2
    done
    rm -f "$log"
}

[ -n "$(missing)" ] || exit 0
if can_install; then install_missing; fi

for part in $(missing); do
    say "Missing: $part. What needs it is left out; this installs it: $(command_for "$part")"
done
if [ "${CI:-}" = true ] && [ -n "$(missing)" ]; then
    say 'CI=true: no test may be skipped.' >&2
    exit 1
fi
