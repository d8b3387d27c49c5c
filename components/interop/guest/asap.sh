# Rows about ASAP, the services and status reports. Sourced by rows.sh. Nobody is told where the registrar is, except in the
# row about that: the announcements by multicast have to do.

# A picture that takes a good while, so that something can happen meanwhile.
SLOW="--c1 1.15,-0.03 --c2 1.25,0.05 --max-iterations 100000"
CAPACITY="--capacity 100000000"

row_our_pe_and_pu_with_their_pr() {
   their_pr tpr1 && our_pe ope1 && our_pu opu1 --images 1 --verify && ended opu1 400
}
row_their_pe_and_pu_with_our_pr() {
   our_pr opr1 && their_fractal_pe tpe1 && their_pu tpu1 200 90 1000 && whole_picture tpu1 200 90
}
row_our_pu_with_their_pe() {
   their_pr tpr1 && their_fractal_pe tpe1 && our_pu opu1 --images 1 --verify && ended opu1 400
}
row_their_pu_with_our_pe() {
   our_pr opr1 && our_pe ope1 && their_pu tpu1 200 90 1000 && whole_picture tpu1 200 90
}

# Served by theirs, killed; by ours, killed; by theirs again: the same picture, compared pixel by pixel.
our_pu_fails_over() {
   their_fractal_pe tpe1 && expect "$1" "$2" 150 || return
   our_pu opu1 --images 1 --verify $SLOW && expect opu1 'is served by PE 0x0*261' 200 || return
   our_pe ope1 $CAPACITY && expect ope1 'registered' 150 && sleep 1 || return
   hard tpe1 && expect opu1 'lost PE 0x0*261' 150 && expect ope1 'goes on .*from a cookie' 100 || return
   their_fractal_pe tpe1_again && expect opu1 'is served by PE 0x0*721' 50 && sleep 3 || return
   hard ope1 && expect opu1 'lost PE 0x0*721' 150 && expect opu1 'is served by PE 0x0*261 .*from a cookie' 200 || return
   ended opu1 600
}
row_our_pu_fails_over_with_their_pr() { their_pr tpr1 && our_pu_fails_over tpr1 'Successfully registered .*261'; }
row_our_pu_fails_over_with_our_pr() { our_pr opr1 && our_pu_fails_over opr1 'has registered PE 0x0*261'; }

# The same for their pool user.
row_their_pu_fails_over() {
   our_pr opr1 && their_fractal_pe tpe1 && expect opr1 'has registered PE 0x0*261' 150 || return
   their_pu tpu1 200 90 100000 && sleep 3 || return
   our_pe ope1 $CAPACITY && expect ope1 'registered' 150 && sleep 1 || return
   hard tpe1 && expect ope1 'goes on .*from a cookie' 150 || return
   their_fractal_pe tpe1_again && expect opr1 'has registered PE 0x0*261' 150 2 && sleep 1 || return
   hard ope1 && whole_picture tpu1 200 90 600 tpe1
}
row_their_pe_stops_cleanly() {
   our_pr opr1 && their_fractal_pe tpe1 && expect opr1 'has registered PE 0x0*261' 150 || return
   our_pu opu1 --images 1 --verify $SLOW && expect opu1 'is served by PE 0x0*261' 200 || return
   our_pe ope1 && expect ope1 'registered' 150 && sleep 1 || return
   soft tpe1 INT && expect ope1 'goes on .*from a cookie' 150 && expect opr1 'has removed PE 0x0*261 .*deregister' 100 && ended opu1 600
}
row_our_pe_stops_cleanly() {
   their_pr tpr1 && our_pe ope1 $CAPACITY && expect ope1 'registered' 150 || return
   our_pu opu1 --images 1 --verify $SLOW && expect opu1 'is served by PE 0x0*721' 200 || return
   their_fractal_pe tpe1 && sleep 4
   soft ope1 TERM && expect opu1 'lost PE 0x0*721' 150 && expect opu1 'is served by PE 0x0*261 .*from a cookie' 200 && ended opu1 600
}
row_named_registrars() {
   our_pr opr1 --asap-announce off && their_pr tpr1 -asapannounce=239.0.0.77:3899 || return
   their_fractal_pe tpe1 -asapannounce=239.0.0.78:3899 -registrar="$(addr opr1):3863" && expect opr1 'has registered PE 0x0*261' 150 || return
   our_pe ope1 --asap-announce off --registrar "$(addr tpr1)" && expect ope1 'registered' 100 || return
   our_pu opu1 --images 1 --verify --asap-announce off --registrar "$(addr opr1)" && ended opu1 300
}
row_services() {
   our_pr opr1 && our_pe ope1 --service echo && expect ope1 'registered' 100 && our_pe ope2 --service ping-pong && expect ope2 'registered' 100 || return
   ( echo one; sleep 1; echo two three; sleep 1.5 ) | on tpu1 timeout 8 rspterminal -poolhandle=EchoPool -loglevel=0 >"$OUT/terminal.out" 2>&1
   expect terminal 'two three' 1 && start tpu1 tpu1 pingpongclient -interval=300 $LOGO && expect tpu1 'Ack' 100 5 || return
   their_pe tpe1 -pingpong -poolhandle=TheirPingPong && expect opr1 'has registered PE 0x0*261' 150 && our_pu opu1 --service ping-pong --pool-handle TheirPingPong && expect opu1 '[Pp]ong' 100 3
}

# Our terminal with their services, whose pools it does not know by name. Their chargen does not start: it refuses its own option.
our_terminal() { # POOL SERVICE   with standard input; OUTPUT in terminal.out
   on opu1 timeout 20 "$B" pool-user --transport "$MODE" --address "$(addr opu1)" --service terminal --pool-handle "$1" --byte-service "$2" >"$OUT/terminal.out" 2>"$OUT/opu1.out"
   local rc=$?; [ $rc = 0 ] || { echo "      our terminal ends with status $rc"; return 1; }
}
row_terminal_with_their_services() {
   our_pr opr1 && their_pe tpe1 -echo -poolhandle=Theirs && expect opr1 'has registered PE 0x0*261 in pool Theirs' 150 || return
   seq 500 | our_terminal Theirs echo && seq 500 | cmp - "$OUT/terminal.out" || return
   their_pe tpe2 -discard -poolhandle=Nothing && expect opr1 'has registered PE 0x0*262' 150 && seq 500 | our_terminal Nothing discard && [ ! -s "$OUT/terminal.out" ] || return
   their_pe tpe3 -daytime -poolhandle=Time && expect opr1 'has registered PE 0x0*263' 150 && our_terminal Time daytime </dev/null && expect terminal 'day, ' 1
}

# The scripting service: a package is an archive with a program "ssrun". rsplib's pool element runs that by itself; ours runs the
# program it was given, which does so here.
scripting_files() { # SECONDS that the unit takes
   mkdir -p /tmp/package && printf 'input\n' >/tmp/package/my-input && head -c 300000 /dev/zero >/tmp/environment || return
   printf '#!/bin/sh\ncat my-input >"$1" && sha1sum <"$2" >>"$1" && sleep %s\n' "${1:-3}" >/tmp/package/ssrun && tar cf /tmp/package.tar -C /tmp/package ssrun my-input || return
   printf '#!/bin/sh\ntar xf "$1" && chmod 700 ssrun && ./ssrun "$2" "$3"\n' >/tmp/unit && chmod +x /tmp/unit || return
   (printf 'input\n'; sha1sum </tmp/environment) >/tmp/expected
}
their_scripting_client() { local l=$1; shift; start "$l" "$l" scriptingclient -environment=/tmp/environment -input=/tmp/package.tar -output="/tmp/$l.result" -retrydelay=500 -keepaliveinterval=1000 $LOGO "$@"; }
our_units() { local l=$1; shift; our_pu "$l" --service scripting --package /tmp/package.tar --environment /tmp/environment --output "/tmp/$l.result" --unit-keep-alive-interval 500 --unit-keep-alive-timeout 5000 --unit-answer-timeout 20000 "$@"; }
row_scripting_of_their_pu_with_our_pe() {
   scripting_files && our_pr opr1 && our_pe ope1 --service scripting --unit-program /tmp/unit --unit-keep-alive-interval 500 --unit-keep-alive-timeout 5000 --max-sessions 1 && expect ope1 'registered' 100 || return
   # The second one finds no room, and later the environment of the first one.
   their_scripting_client tpu1 && expect ope1 'is started' 100 || return
   start tpu1_second tpu1 scriptingclient -environment=/tmp/environment -input=/tmp/package.tar -output=/tmp/second.result -retrydelay=500 $LOGO || return
   expect tpu1_second 'not ready' 100 && ended tpu1 300 && ended tpu1_second 300 && expect tpu1_second 'has cached environment' 1 || return
   cmp /tmp/expected /tmp/tpu1.result && cmp /tmp/expected /tmp/second.result
}
row_scripting_of_our_pu_with_their_pe() {
   scripting_files && our_pr opr1 && their_pe tpe1 -scripting -ssmaxthreads=1 -sskeepaliveinterval=1000 && expect opr1 'has registered PE 0x0*261' 150 || return
   our_units opu1 && expect opu1 'runs' 150 && ours ope2 pool-user --service scripting --package /tmp/package.tar --environment /tmp/environment --output /tmp/second.result --unit-retry-delay 500 --unit-answer-timeout 20000 --unit-keep-alive-timeout 5000 || return
   ended opu1 300 && ended ope2 300 && cmp /tmp/expected /tmp/opu1.result && cmp /tmp/expected /tmp/second.result
}
row_scripting_goes_on_elsewhere() {
   scripting_files 12 && their_pr tpr1 && their_pe tpe1 -scripting && expect tpr1 'Successfully registered .*261' 150 || return
   our_units opu1 && expect opu1 'runs' 150 || return
   our_pe ope1 --service scripting --unit-program /tmp/unit && expect ope1 'registered' 150 || return
   hard tpe1 && expect opu1 'starts over elsewhere' 150 && ended opu1 400 && cmp /tmp/expected /tmp/opu1.result
}

# CalcApp: their pool element has one job at a time, so that our second pool user is rejected until the first one has finished.
their_calcapp_pe() { local l=$1; shift; their_pe "$l" -calcapp -capcookiemaxtime=200 -capcookiemaxcalculations=200000 -capobject="$l" -capvector="$OUT/$l.vec" -capscalar="$OUT/$l.sca" "$@"; }
their_calcapp_pu() { local l=$1; shift; start "$l" "$l" calcappclient -object="$l" -vector="$OUT/$l.vec" -scalar="$OUT/$l.sca" $LOGO "$@"; }
our_calcapp_pe() { local l=$1; shift; our_pe "$l" --service calcapp --job-cookie-interval 200 "$@" && expect "$l" 'registered' 150; }
row_calcapp_of_our_pu_with_their_pe() {
   our_pr opr1 && their_calcapp_pe tpe1 -capmaxjobs=1 && expect opr1 'has registered PE 0x0*261' 150 || return
   our_pu opu1 --service calcapp --requests 1 --request-size 4e6 --job-keep-alive-interval 300 && expect opu1 'request 1: accepted by PE 0x0*261' 150 || return
   ours omon pool-user --service calcapp --requests 2 --request-size uniform:1e5:5e5 --request-interval 0.2 || return
   expect omon 'request 1: rejected by PE 0x0*261' 150 && ended opu1 300 && ended omon 300 && expect omon 'requests? completed' 1 && expect tpe1 'is complete' 1 3
}
row_calcapp_of_their_pu_with_our_pe() {
   our_pr opr1 && our_calcapp_pe ope1 --max-jobs 1 --job-keep-alive-interval 300 --log debug || return
   their_calcapp_pu tpu1 -jobinterval=1 -jobsize=500000 -keepalivetransmissioninterval=200 && expect tpu1 'completed:' 300 3 || return
   our_pu opu1 --service calcapp --request-size 1e9 --request-interval 1000 && expect opu1 'request 1: accepted by PE' 300 && expect tpu1 'rejected' 200 || return
   # When it has room again, so it has for theirs.
   soft opu1 TERM && expect tpu1 'completed:' 300 5
}
# Served by theirs, killed; by ours, killed; by theirs again: one request.
row_calcapp_of_our_pu_fails_over() {
   their_pr tpr1 && their_calcapp_pe tpe1 && expect tpr1 'Successfully registered .*261' 150 || return
   our_pu opu1 --service calcapp --requests 1 --request-size 16e6 && expect opu1 'request 1: accepted by PE 0x0*261' 200 || return
   our_calcapp_pe ope1 && sleep 2 && hard tpe1 && expect opu1 'continues from its cookie at PE 0x0*721' 150 || return
   their_calcapp_pe tpe1_again && expect tpr1 'Successfully registered .*261' 150 2 && sleep 2 || return
   hard ope1 && expect opu1 'continues from its cookie at PE 0x0*261' 200 && ended opu1 400 && expect opu1 '16000000 calculations completed' 1
}
# Requests of theirs have random sizes: these last until a pool element of ours is a thousand times faster.
row_calcapp_of_their_pu_fails_over() {
   our_pr opr1 && their_calcapp_pe tpe1 && expect opr1 'has registered PE 0x0*261' 150 || return
   their_calcapp_pu tpu1 -jobinterval=2 -jobsize=1000000000 && expect tpu1 'accepted' 300 && sleep 1 || return
   our_calcapp_pe ope1 && hard tpe1 && expect ope1 'goes on .*from a cookie' 150 && expect tpu1 'accepted' 100 2 || return
   our_calcapp_pe ope2 --calculations-per-second 1e9 && hard ope1 && expect ope2 'goes on .*from a cookie' 200 && expect tpu1 'completed:' 200
}

row_rejected_by_our_pr() {
   our_pr opr1 && their_pe tpe1 -echo -poolhandle=P -policy=RoundRobin && expect opr1 'has registered PE 0x0*261' 150 || return
   their_pe tpe2 -echo -poolhandle=P -policy=Random && expect opr1 'refuses to register PE 0x0*262 in pool P' 150 && expect tpe2 'incompatible pool policy' 100 || return
   absent opr1 'has registered PE 0x0*262' && kill -0 "$PID_tpe1"
}
row_rejected_by_their_pr() {
   their_pr tpr1 && our_pe ope1 --pool-handle P && expect ope1 'registered' 150 || return
   our_pe ope2 --pool-handle P --policy LeastUsed && expect ope2 'was refused: the pool P has another policy' 150 && absent ope2 'is registered' || return
   kill -0 "$PID_ope1"
}
row_no_such_pool() {
   our_pr opr1 && our_pu opu1 --pool-handle Nowhere --images 1 && start tpu1 tpu1 rspterminal -poolhandle=Nowhere $LOGO && sleep 5 || return
   kill -0 "$PID_opu1" || { echo "      our pool user gives up"; return 1; }
   # What does not exist yet may come.
   our_pe ope2 --pool-handle Nowhere && ended opu1 200
}
row_no_such_pool_at_their_pr() {
   their_pr tpr1 && our_pu opu1 --pool-handle Nowhere --images 1 --verify && sleep 3 && kill -0 "$PID_opu1" || return
   our_pe ope1 --pool-handle Nowhere && ended opu1 200
}
row_odd_messages() {
   our_pr opr1 || return
   local user=; [ "$MODE" = kernel ] || user=--user
   [ "$MODE" != kernel-udp ] || on ope3 bash -c 'echo 0 >/proc/sys/net/sctp/udp_port'
   on ope3 timeout 60 "$BIN/asap_odd" "$(addr opr1):3863" --address "$(addr ope3)" $user >"$OUT/odd.out" 2>&1; local rc=$?
   [ "$MODE" != kernel-udp ] || on ope3 bash -c 'echo 9899 >/proc/sys/net/sctp/udp_port'
   [ $rc = 0 ] || { echo "      status $rc"; cat "$OUT/odd.out"; return 1; }
   expect odd 'it works' 1 && kill -0 "$PID_opr1"
}
row_frozen_pe() {
   our_pr opr1 && their_pe tpe1 -echo -rereginterval=60000 && expect opr1 'has registered PE 0x0*261' 150 || return
   kill -STOP "$PID_tpe1" && expect opr1 'has removed PE 0x0*261 ' 200
}
# Those that rsplib can put into a message.
row_policies_of_their_pes() {
   our_pr opr1 || return
   local p n=0 id
   for p in RoundRobin WeightedRoundRobin:3 Random WeightedRandom:7 WeightedRandomDPF:5:0.25 LeastUsed LeastUsedDegradation:0.5 LeastUsedDPF:0.1 LeastUsedDegradationDPF:0.5:0.1 PriorityLeastUsed:0.2 PriorityLeastUsedDegradation:0.25 Priority:10 RandomizedLeastUsed RandomizedPriorityLeastUsed; do
      n=$((n+1)); id=5000$(printf %02x $n)
      start "pol$n" tpe1 rspserver -quiet -echo -identifier="0x$id" -policy=$p -poolhandle="P$n" -rereginterval=60000 $LOGO
      expect opr1 "has registered PE 0x0*$id in pool P$n," 150 || return
   done
   absent opr1 'refuses to register'
}
# How registrars select by each policy: rsplib's pool elements, where it offers the policy, and ours in one pool, see asap_policy.rs.
# Of Weighted Round Robin, for which rsplib has a scheme of its own, the numbers after whole rounds are compared.
POLICIES_OF_THEIRS="RoundRobin WeightedRoundRobin:3 Random WeightedRandom:7 WeightedRandomDPF:5:0.25 LeastUsed LeastUsedDegradation:0.001 LeastUsedDPF:0.1 LeastUsedDegradationDPF:0.001:0.1 PriorityLeastUsed:0.2 PriorityLeastUsedDegradation:0.001 Priority:10 RandomizedLeastUsed RandomizedPriorityLeastUsed"
selection() { # REGISTRAR ARGUMENTS...
   local pr=$1 p n=0 id; shift
   for p in $POLICIES_OF_THEIRS; do
      n=$((n+1)); start "pol$n" "tpe$((n % 3 + 1))" rspserver -quiet -echo -identifier="0x5000$(printf %02x $n)" -policy="$p" -poolhandle="P$n" -rereginterval=120000 -registrar="$(addr "$pr"):3863" $LOGO
   done
   for ((; n > 0; n--)); do
      id=5000$(printf %02x $n)
      case $pr in o*) expect "$pr" "has registered PE 0x0*$id in pool P$n[,:]" 300 ;; *) expect "$pr" "Successfully registered .*$id" 300 ;; esac || return
   done
   on ope1 timeout 120 "$BIN/asap_policy" "$(addr "$pr"):3863" --address "$(addr ope1)" "$@" >"$OUT/selection.out" 2>&1 || { echo "      status $?"; cat "$OUT/selection.out"; return 1; }
   sed 's/^/      /' "$OUT/selection.out"
}
row_policies_select_at_our_pr() { our_pr opr1 --registration-rate 1000 --resolution-rate 100000 && selection opr1; } # only kernel
row_policies_select_at_their_pr() { their_pr tpr1 && selection tpr1 --rsplib; } # only kernel

row_hsdump() {
   our_pr opr1 && their_fractal_pe tpe1 && our_pe ope1 && our_pe ope2 --policy LeastUsed --pool-handle Other || return
   expect opr1 'has registered PE 0x0*261' 150 && expect ope1 'registered' 100 && expect ope2 'registered' 100 || return
   dump opr1
   local id; for id in 261 721 722; do expect hsdump-opr1 "idx.* .0*$id " 1 || return; done
   expect hsdump-opr1 'Pool "FractalGeneratorPool", Policy "RoundRobin"' 1 && expect hsdump-opr1 'Pool "Other", Policy "LeastUsed"' 1
}

# Our components report to their monitor; it shows them, and that they have stopped in order.
row_csp_to_their_monitor() {
   cap "$OUT/csp.pcap" udp port 2960; start tmon tmon cspmonitor -full -updateinterval=500 || return
   local id csp="--csp-server $(addr tmon) --csp-interval 500"
   our_pr opr1 $csp && our_pe ope1 $csp && expect ope1 'registered' 100 && our_pu opu1 $csp $SLOW --images 0 && expect opu1 'is served by' 100 || return
   for id in 'PR .00000711 .*"1.1. PEs in 1 Pool, 0 Peers"' 'PE .00000721 .*"1 Session' 'PU .00000000000731 ' '-> PE .00000721 FractGen/SCTP' '-> PR .00000711 ASAP/SCTP'; do expect tmon "$id" 100 || return; done
   expect tmon '1 PRs.*1 PEs.*1 PUs' 50 || return
   soft opu1 TERM && soft ope1 TERM && soft opr1 TERM && expect tmon '1 PRs.*0 PEs.*0 PUs' 30 && expect tmon '0 PRs.*0 PEs.*0 PUs' 30 && cap_end || return
   # Each has said goodbye, with the bytes that the protocol has for that.
   local last; last=$(tshark -n -r "$OUT/csp.pcap" -Y 'componentstatusprotocol.message_final_bit == 1' -T fields -e componentstatusprotocol.message_length 2>/dev/null)
   [ "$(echo "$last" | grep -c '^288$')" = 3 ] || { echo "      last reports: $last"; return 1; }
   [ -z "$(tshark -n -r "$OUT/csp.pcap" -Y '_ws.malformed || _ws.expert.severity >= warning' 2>/dev/null)" ] || { echo "      malformed reports"; return 1; }
}
# Theirs report to what reads for our control centre; what we would write in their place are the same bytes.
row_their_csp_to_ours() {
   start omon omon "$BIN/csp_print" "$(addr omon):2960"
   local csp="-cspserver=$(addr omon):2960 -cspinterval=500"
   our_pr opr1 && PR_OPTS="$PR_OPTS $csp" their_pr tpr1 && their_fractal_pe tpe1 $csp && their_pu tpu1 200 90 100000 $csp || return
   local what; for what in "PR .00000151: .* on uml: $(addr tpr1):3863" 'PE .00000261: 1 Session' 'PU .00000031000001: .*2 associations' ' PR .00000711 ENRP' 'PE .00000261 '; do expect omon "$what" 150 || return; done
   soft tpe1 INT && expect omon 'PE .00000261 ends' 30 && soft tpr1 INT && expect omon 'PR .00000151 ends' 30 || return
   absent omon 'no report|written differently'
}
