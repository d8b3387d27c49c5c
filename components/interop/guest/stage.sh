# Sourced inside the guest: hosts, components of ours (o...) and of rsplib (t...), and what they are expected to do.
. "$LAB/guest-lib.sh"
B=$BIN/component
NET=10.10.0
declare -A IP=([opr1]=11 [opr2]=12 [opr3]=13 [ope1]=21 [ope2]=22 [ope3]=23 [opu1]=31 [omon]=41 [tpr1]=51 [tpr2]=52 [tpr3]=53 [tpe1]=61 [tpe2]=62 [tpe3]=63 [tpu1]=71 [tmon]=81)
POOL=FractalGeneratorPool
# rsplib's timers, shortened where waiting for them shows nothing.
PR_OPTS="-mentordiscoverytimeout=1500 -serverannouncecycle=1000 -endpointkeepalivetransmissioninterval=2000 -endpointkeepalivetimeoutinterval=2000 -peerheartbeatcycle=1000 -peermaxtimelastheard=3000 -peermaxtimenoresponse=1500 -takeoverexpiryinterval=2000"
LOGO="-loglevel=4 -logcolor=off"

addr() { echo "$NET.${IP[$1]}"; }
net_up
for h in "${!IP[@]}"; do host "$h" "$(addr "$h")"; done
MODE=kernel
switch_to() { # MODE
   [ "$MODE" != "$1" ] || return 0
   MODE=$1
   local h take send; for h in "${!IP[@]}"; do
      case $MODE,$h in
         kernel,*) take=0 send=0 ;;
         *,t*) take=9899 send=9899 ;;
         *) take=0 send=0; [ "$MODE" = user ] || take=9899 ;;
      esac
      on "$h" bash -c "echo $send >/proc/sys/net/sctp/encap_port; echo $take >/proc/sys/net/sctp/udp_port"
   done
}

STARTED=() DOWN=()
unplug() { ip link set "v$1" down; DOWN+=("$1"); }   # HOST: pulls its cable
plug() { ip link set "v$1" up; }
start() { # LABEL HOST COMMAND...
   bg "$@"; STARTED+=("$1")
}
ours() { # LABEL KIND ARGUMENTS...   on the host of the same name
   local l=$1 k=$2; shift 2
   start "$l" "${l%%_*}" "$B" "$k" --transport "$MODE" --address "$(addr "${l%%_*}")" --identifier "0x7${IP[${l%%_*}]}" "$@"
}
our_pr() { local l=$1; shift; ours "$l" registrar --takeover-order smaller "$@"; expect "$l" 'in service' 100; }
our_pe() { local l=$1; shift; ours "$l" pool-element "$@"; }
our_pu() { local l=$1; shift; ours "$l" pool-user --size 200x90 "$@"; }
# The kernel keeps the ports of a process until all its peers know that it is gone.
their_pr() { # LABEL ARGUMENTS...
   local l=$1 n; shift
   for n in 1 2 3 4 5 6; do
      start "$l" "${l%%_*}" rspregistrar -identifier="0x1${IP[${l%%_*}]}" -asap="$(addr "${l%%_*}"):3863" -enrp="$(addr "${l%%_*}"):9901" $PR_OPTS $LOGO "$@"
      expect "$l" 'ready!|Address already in use' 150 || return
      absent "$l" 'Address already in use' >/dev/null && return
      sleep 2
   done
   absent "$l" 'Address already in use'
}
their_pe() { local l=$1; shift; start "$l" "${l%%_*}" rspserver -identifier="0x2${IP[${l%%_*}]}" -rereginterval=4000 $LOGO "$@"; }
their_fractal_pe() { local l=$1; shift; their_pe "$l" -fractal -fgpcookiemaxpackets=8 -fgpcookiemaxtime=200 "$@"; }
their_pu() { # LABEL WIDTH HEIGHT ITERATIONS ARGUMENTS...   one picture, see whole_picture
   local l=$1 w=$2 h=$3 n=$4; shift 4
   mkdir -p "/tmp/fgp-$l"
   cap "$OUT/$l.pcap" "host $(addr "$l")" || return
   cat >"/tmp/fgp-$l/lab.fsf" <<X
<!DOCTYPE XMLFractalSave>
<FractalV1><Algorithm><AlgorithmName>Mandelbrot</AlgorithmName>
<C1Real>1.15</C1Real><C1Imag>-0.03</C1Imag><C2Real>1.25</C2Real><C2Imag>0.05</C2Imag>
<Useroptions><MaxIterations>$n</MaxIterations><N>2</N></Useroptions></Algorithm>
<ColorScheme><ColorSchemeName>SimpleHSV</ColorSchemeName></ColorScheme><Resolution>800*600</Resolution></FractalV1>
X
   start "$l" "$l" fractalpooluser -identifier=0x31000001 -configdir="/tmp/fgp-$l" -poolhandle=$POOL -width="$w" -height="$h" -threads=1 -interimagetime=600 $LOGO "$@"
}
log() { cat "$OUT/$1.out" 2>/dev/null; }
# Tenths of a second since the guest's start, without starting a process: that takes 30 ms here.
now() { local up _; read -r up _ </proc/uptime; up=${up/./}; NOW=${up%?}; }
expect() { # LABEL REGEX [TENTHS OF A SECOND [TIMES]]
   local end found; now; end=$((NOW + ${3:-150}))
   until found=$(grep -c -a -E -- "$2" "$OUT/$1.out" 2>/dev/null); [ "${found:-0}" -ge "${4:-1}" ]; do
      now; [ "$NOW" -gt $end ] && { echo "      $1 does not say '$2'${4:+ $4 times}"; return 1; }
      sleep 0.1
   done
}
absent() { ! grep -q -a -E -- "$2" "$OUT/$1.out" || { echo "      $1 says '$(grep -a -m1 -E -- "$2" "$OUT/$1.out")'"; return 1; }; }
eventually() { # TENTHS COMMAND...
   local end; now; end=$((NOW + $1)); shift
   until "$@" >"$OUT/eventually.txt"; do now; [ "$NOW" -gt $end ] && { echo "      never: $*"; cat "$OUT/eventually.txt"; return 1; }; sleep 0.3; done
}
ended() { # LABEL [TENTHS]: ends by itself, well
   local p end; p=$(pidvar "$1"); now; end=$((NOW + ${2:-300}))
   while kill -0 "$p" 2>/dev/null; do now; [ "$NOW" -gt $end ] && { echo "      $1 does not end"; return 1; }; sleep 0.1; done
   wait "$p" || { echo "      $1 ends with status $?"; return 1; }
}
# Their pool user does not say whether its picture is whole: the packets do. A pool element of theirs that was KILLED may have left a
# cookie that counts pixels it had computed but not sent, at most a message of them; theirs does not ask for them again.
whole_picture() { # LABEL WIDTH HEIGHT [TENTHS [KILLED]]
   expect "$1" 'Removing outgoing session' "${4:-300}" || return
   sleep 1; cap_end || return
   tshark -n -r "$OUT/$1.pcap" -Y "fractalgeneratorprotocol.message_type == 2 && ip.dst == $(addr "$1")" -T fields -e ip.src -e fractalgeneratorprotocol.data_start_x -e fractalgeneratorprotocol.data_start_y -e fractalgeneratorprotocol.data_points 2>"$OUT/tshark.err" |
      awk -v w="$2" -v h="$3" -v killed="${5:+$(addr "$5")}" '
         { n = split($2, x, ","); split($3, y, ","); split($4, p, ","); for(i = 1; i <= n; i++) { at = y[i] * w + x[i]; for(k = 0; k < p[i]; k++) from[at + k] = $1 } }
         END {
            for(at = 0; at < w * h; at = next_seen) {
               next_seen = at + 1; if(at in from) continue
               while(next_seen < w * h && !(next_seen in from)) next_seen++
               lost = next_seen - at; forgiven = killed != "" && from[at - 1] == killed && next_seen < w * h && from[next_seen] != killed && lost < 324
               print "      " lost " pixels are missing from " at " on" (forgiven ? ": the killed pool element had not sent them" : ""); bad = bad || !forgiven
            }
            exit bad
         }'
}
# rsplib's first: as long as a peer lives that is to be told, the kernel keeps their ports.
clean_up() {
   local l p which
   for l in "${DOWN[@]}"; do plug "$l"; done
   for which in t '[^t]'; do
      for l in "${STARTED[@]}"; do [[ $l == $which* ]] || continue; p=$(pidvar "$l"); kill -CONT "$p" 2>/dev/null; kill -KILL "$p" 2>/dev/null; wait "$p" 2>/dev/null; done
      [ "$which" != t ] || sleep 0.3
   done
   STARTED=() DOWN=()
   [ -z "${CAP:-}" ] || kill -KILL "$CAP" 2>/dev/null
}
dump() { # REGISTRAR: its handlespace, as rsplib's tool shows it, in hsdump-REGISTRAR.out
   on tmon timeout 8 hsdump "$(addr "$1"):9901" >"$OUT/hsdump-$1.out" 2>&1
}
