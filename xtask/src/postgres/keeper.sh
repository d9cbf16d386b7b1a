# Keeps one throw-away PostgreSQL cluster for as long as standard input stays open.
#
# Whoever starts this script holds the other end. When that process ends, however it ends (done,
# failed, interrupted, killed), the kernel closes the pipe, `cat` returns, and the cluster goes.
# No signal handler, no lock file, nothing left behind.
#
#   keeper.sh BIN PORT MAX_CONNECTIONS     (the password is the first line of standard input)
#
# Answers one line on standard output: `ready DIRECTORY`, or `failed` after the reason on stderr.
set -eu
umask 077
bin=$1
port=$2
connections=$3

# The one who started us may be interrupted or gone before we answer; we clean up after it.
trap '' INT HUP PIPE
dir=$(mktemp -d "${TMPDIR:-/tmp}/nhipcau-test-postgres.XXXXXX" 2>/dev/null ||
    mktemp -d /tmp/nhipcau-test-postgres.XXXXXX)
cd "$dir"
server=
clean() {
    # An immediate stop: nobody needs the data again.
    [ -z "$server" ] || { kill -QUIT "$server" && wait "$server"; } 2>/dev/null || :
    cd /
    rm -rf "$dir"
}
trap clean EXIT
trap 'exit 143' TERM

fail() {
    tail -n 20 "$1" >&2
    echo failed
    exit 1
}

IFS= read -r password
printf '%s\n' "$password" >"$dir/password"
# Locale C: what the hub's database is created with; sorting and folding are done in Rust.
"$bin/initdb" -D "$dir/data" -U nhipcau --pwfile="$dir/password" -E UTF8 --locale=C \
    --auth-local=trust --auth-host=scram-sha-256 --no-sync >"$dir/initdb.log" 2>&1 || fail "$dir/initdb.log"
rm -f "$dir/password"

# Nothing here needs to survive a power cut, so nothing waits for the disk.
cat >>"$dir/data/postgresql.conf" <<END
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$dir'
max_connections = $connections
shared_buffers = 128MB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
autovacuum = off
log_min_messages = log
log_min_error_statement = panic
log_checkpoints = off
END
"$bin/postgres" -D "$dir/data" >"$dir/server.log" 2>&1 </dev/null &
server=$!
tries=0
until grep -q '^ready' "$dir/data/postmaster.pid" 2>/dev/null; do
    kill -0 "$server" 2>/dev/null || fail "$dir/server.log"
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || fail "$dir/server.log"
    sleep 0.1
done

echo "ready $dir"
cat >/dev/null
