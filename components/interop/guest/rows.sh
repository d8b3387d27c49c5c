#!/bin/bash
# Runs inside the guest: the rows of the matrix. Each row is a function that starts components, each on a host of its own, waits for
# what has to happen and fails if it does not.
#
# What is to be done stands in /share/.taken/.rows, a mode and a row in each line; guests that work at it together take turns.
#   kernel      ours on the kernel's SCTP, as rsplib
#   user        ours in user space, rsplib's kernels speak SCTP over UDP (RFC 6951)
#   kernel-udp  ours on the kernel's SCTP over UDP
HERE=$(dirname "${BASH_SOURCE[0]}")
. "$HERE/stage.sh"
. "$HERE/asap.sh"
. "$HERE/enrp.sh"
. "$HERE/transport.sh"
# Runs one row in the present mode and says how it went.
run_row() { # ROW
   local row=$1 begun rc said f
   OUT=/tmp/out/$MODE/$row; mkdir -p "$OUT"; now; begun=$NOW
   said=$(trap clean_up EXIT; "row_$row" 2>&1); rc=$?; now
   {  printf '%-4s %-10s %-44s %3d.%d s\n' "$([ $rc = 0 ] && echo ok || echo FAIL)" "$MODE" "$row" $(((NOW-begun)/10)) $(((NOW-begun)%10))
      [ -n "$said" ] && { [ $rc != 0 ] || [ -n "${VERBOSE:-}" ]; } && echo "$said"
      [ $rc = 0 ] || for f in "$OUT"/*.out; do echo "   --- $(basename "$f")"; tail -n "${TAIL:-12}" "$f" | cut -c1-200; done
   } >"$OUT/.said"; cat "$OUT/.said"
   mkdir -p "/share/logs/$MODE/$row"; cp "$OUT"/* "/share/logs/$MODE/$row/" 2>/dev/null
   return $rc
}
failed=0 number=0
while read -r mode row; do
   number=$((number+1))
   mkdir "/share/.taken/$number" 2>/dev/null || continue
   switch_to "$mode"
   run_row "$row" || { failed=$((failed+1)); echo "$mode $row" >>/share/.failed; }
done </share/.taken/.rows
exit $((failed > 0))
