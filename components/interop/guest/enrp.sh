# Rows about ENRP: scopes with registrars of both makes. Sourced by rows.sh.
