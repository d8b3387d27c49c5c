# Reads events "TIME ADDRESS" (somebody did something to this pool element), then packets "TIME SOURCE DESTINATION CHUNKS ASAP FGP",
# and prints what followed each event, in milliseconds: `echo` and `first` since the pool element's association has ended on the wire,
# `gap` from its last data to the next one's first. Set pu to the pool user's address.
function has(list, what,   items, n, i) { n = split(list, items, ","); for(i = 1; i <= n; i++) if(items[i] == what) return 1; return 0 }
NR == FNR { split($0, e, " "); at[++events] = e[1]; who[events] = e[2]; next }
{ time[++packets] = $1; from[packets] = $2; to[packets] = $3; chunks[packets] = $4; asap[packets] = $5; fgp[packets] = $6 }
END {
   for(k = 1; k <= events; k++) {
      until = k < events ? at[k + 1] : at[k] + 60; end = echo = first = last = 0
      for(i = 1; i <= packets; i++) {
         t = time[i] + 0; if(t > until) break
         data = to[i] == pu && has(fgp[i], 2)
         if(data && from[i] == who[k] && !first) last = t
         if(t < at[k]) continue
         # SHUTDOWN or ABORT of the pool element
         if(!end && from[i] == who[k] && to[i] == pu && (has(chunks[i], 6) || has(chunks[i], 7))) end = t
         if(!echo && from[i] == pu && to[i] != who[k] && has(asap[i], 12)) echo = t
         if(!first && data && from[i] != who[k]) first = t
      }
      # It was not computing just then.
      if(!last || at[k] - last > 1.5 || !first) continue
      since = end ? end : at[k]
      if(echo) printf "echo %.1f\n", (echo - since) * 1000
      printf "first %.1f\n", (first - since) * 1000
      printf "gap %.1f\n", (first - last) * 1000
   }
}
