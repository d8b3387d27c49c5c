//! What the packets of a recording say: messages, their ways, associations, and causes.
